/**
 * A run of the bench as files: Markdown for people, JSON for programs.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import type { Figure, FigureResult } from "../figures/figure.ts";
import type { Machine } from "../measure/machine.ts";
import { barTable, markdownTable } from "./text.ts";

/** Where reports go. */
export const RESULTS = fileURLToPath(new URL("../../results/", import.meta.url));

/** One run of the bench. */
export interface Report {
  readonly date: Date;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  readonly settings: Readonly<Record<string, string | number>>;
  readonly figures: readonly { readonly figure: Figure; readonly result: FigureResult }[];
}

/** Writes `<date>-<figures>.md` and `.json` and returns the Markdown file's path. */
export function writeReport(report: Report): string {
  mkdirSync(RESULTS, { recursive: true });
  const names = report.figures.map(({ figure }) => figure.name);
  const date = report.date.toISOString().slice(0, 16).replaceAll(":", "").replace("T", "-");
  const file = join(RESULTS, `${date}-${names.length > 3 ? "all" : names.join("-")}`);
  writeFileSync(`${file}.md`, toMarkdown(report));
  writeFileSync(`${file}.json`, `${JSON.stringify(toJson(report), undefined, 1)}\n`);
  return `${file}.md`;
}

function toMarkdown({ date, machine, versions, settings, figures }: Report): string {
  const list = (entries: Readonly<Record<string, unknown>>): string =>
    Object.entries(entries)
      .map(([name, value]) => `- ${name}: ${String(value)}`)
      .join("\n");
  const sections = figures.map(({ figure, result }) =>
    [
      `## ${figure.title} (\`${figure.name}\`)`,
      ...result.tables.flatMap((table) => [
        ...(table.title === undefined ? [] : [`**${table.title}**`]),
        markdownTable(table),
      ]),
      ...(result.bars.length === 0 ? [] : [markdownTable(barTable(result.bars))]),
      ...(result.notes.length === 0 ? [] : [result.notes.map((note) => `- ${note}`).join("\n")]),
    ].join("\n\n"),
  );
  return `${[
    `# Measured ${date.toISOString().slice(0, 16).replace("T", " ")} UTC`,
    `Made by \`npm run bench\`. Numbers are medians over the rounds; spread is (largest - smallest) / median.`,
    list({ ...machine, ...settings }),
    list(versions),
    ...sections,
  ].join("\n\n")}\n`;
}

function toJson({ figures, ...rest }: Report): unknown {
  return {
    ...rest,
    figures: figures.map(({ figure, result }) => ({
      name: figure.name,
      title: figure.title,
      ...result,
    })),
  };
}
