/** The README's table of measured figures, made of the bench's JSON reports. Pure. */
import type { Bar, Table } from "../../bench/src/figures/figure.ts";
import { barTable, markdownTable } from "../../bench/src/report/text.ts";

/** The part of a report (bench/src/report/write.ts) that the summary needs. */
export interface BenchReport {
  /** ISO 8601. */
  readonly date: string;
  readonly machine: Readonly<Record<string, unknown>>;
  readonly versions: Readonly<Record<string, string>>;
  readonly figures: readonly {
    readonly name: string;
    readonly title: string;
    readonly bars: readonly Bar[];
    readonly tables: readonly Table[];
  }[];
}

/** Reports by their file's name. */
export type BenchReports = ReadonlyMap<string, BenchReport>;

const BEGIN =
  "<!-- bench: written by `node scripts/bench-summary.ts` from the newest files in bench/results; do not edit -->";
const END = "<!-- /bench -->";
const FROM = /<!-- from: ([^>]*) -->/;

/** The page with its block written anew; throws where it has none. */
export function withBenchBlock(page: string, reports: BenchReports): string {
  const [start, end] = limitsOf(page);
  return `${page.slice(0, start)}${BEGIN}\n${benchBlock(reports)}\n${page.slice(end)}`;
}

/** The names of the files that the page's block was made of; empty where it was made of none. */
export function filesOfBlock(page: string): string[] {
  const [start, end] = limitsOf(page);
  const names = FROM.exec(page.slice(start, end))?.[1];
  return names === undefined ? [] : names.split(", ");
}

/** The reports that have the newest measurement of some figure. A figure that could not be measured
 * does not hide an earlier one that was. */
export function newest(reports: BenchReports): BenchReports {
  const chosen = new Map<string, BenchReport>();
  for (const figure of figuresOf(reports)) chosen.set(figure.file, reports.get(figure.file)!);
  return chosen;
}

interface Found {
  readonly file: string;
  readonly figure: BenchReport["figures"][number];
}

/** Every figure once, from the newest report that has it. */
function figuresOf(reports: BenchReports): Found[] {
  const byAge = [...reports].sort(([, one], [, other]) => other.date.localeCompare(one.date));
  const found = new Map<string, Found>();
  for (const [file, report] of byAge) {
    for (const figure of report.figures) {
      if (figure.tables.length > 0 && !found.has(figure.name)) {
        found.set(figure.name, { file, figure });
      }
    }
  }
  return [...found.values()];
}

function benchBlock(reports: BenchReports): string {
  const found = figuresOf(reports);
  if (found.length === 0) {
    return "No results are in this checkout yet: run `npm run bench`, then `node scripts/bench-summary.ts`.";
  }
  const cpu = found.find(({ figure }) => figure.name === "cpu")?.figure;
  const files = [...newest(reports)];
  return [
    `<!-- from: ${files.map(([file]) => file).join(", ")} -->`,
    ...files.map(([file, report]) => describe(file, report)),
    ...(cpu?.tables[0] ? ["", `${cpu.title}:`, "", markdownTable(cpu.tables[0])] : []),
    "",
    "Against the bars the project sets itself:",
    "",
    markdownTable(summary(found)),
  ].join("\n");
}

function describe(file: string, { date, machine }: BenchReport): string {
  const where = Object.entries(machine).map(([name, value]) => `${name} ${String(value)}`);
  const page = file.replace(/\.json$/, ".md");
  return `- [${page}](bench/results/${page}), ${date.slice(0, 10)}: ${where.join(", ")}`;
}

function summary(found: readonly Found[]): Table {
  const [first, ...rest] = barTable([]).columns;
  const rows = found.flatMap(({ figure }) =>
    barTable(figure.bars).rows.map(([what, ...cells]) => [`\`${figure.name}\`: ${what}`, ...cells]),
  );
  return { columns: [first!, ...rest], rows };
}

function limitsOf(page: string): [start: number, end: number] {
  const start = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (start < 0 || end < start) throw new Error("the page has no bench block");
  return [start, end];
}
