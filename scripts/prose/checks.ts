/** What keeps prose true: each check answers one line per mistake, empty for none. Pure. */
import { dirname, join } from "node:path";
import { parseConfig } from "../../packages/evenkeel/src/config/load.ts";
import { summarizeProblem } from "../../packages/evenkeel/src/config/problem.ts";
import { reasons, type Reason } from "../../packages/evenkeel/src/errors/catalogue.ts";
import { anchorsOf, blocksOf, codesOf, linksOf, rowsOf, sectionOf } from "./markdown.ts";

/** Pages by their path from the repository's root. */
export type Pages = ReadonlyMap<string, string>;

/** Links between pages that lead nowhere: to no file, or to no heading. Other sites are not asked.
 * `exists` tells of files that are no pages. */
export function brokenLinks(pages: Pages, exists: (path: string) => boolean): string[] {
  const anchors = new Map([...pages].map(([path, page]) => [path, anchorsOf(page)] as const));
  return [...pages].flatMap(([path, page]) =>
    linksOf(page).flatMap(({ target, line }) => {
      if (/^[a-z]+:/.test(target)) return [];
      const [file = "", anchor] = target.split("#", 2);
      const to = file === "" ? path : join(dirname(path), file);
      if (!pages.has(to) && !exists(to)) return [`${path}:${line}: there is no ${to}`];
      if (anchor === undefined || anchors.get(to)?.has(anchor) === true) return [];
      return [`${path}:${line}: ${to} has no heading #${anchor}`];
    }),
  );
}

/** Links of a page that lead to other files: where a package is published there are none. */
export function linksToFiles(path: string, page: string): string[] {
  return linksOf(page)
    .filter(({ target }) => !/^([a-z]+:|#)/.test(target))
    .map(({ target, line }) => `${path}:${line}: ${target} is not there when published`);
}

const chapters: Readonly<Record<Reason["side"], string>> = {
  client: "## The client's",
  origin: "## The origin's",
  internal: "## Evenkeel's own",
};

/** Files of the repository that a page names in code type and that are not there. Names with
 * capitals (`NAME.ts`) and patterns stand for any. */
export function missingFiles(pages: Pages, exists: (path: string) => boolean): string[] {
  return [...pages].flatMap(([path, page]) =>
    codesOf(page)
      .filter((code) => namedFile.test(code) || namedSource.test(code))
      .filter((code) => !code.startsWith("bench/results") && !exists(code))
      .map((code) => `${path}: there is no ${code}`),
  );
}

const namedFile = /^(packages|bench|docs|scripts|test)\/[a-z0-9/._-]+$/;
/** As pages shorten it: from a package's source folder on. */
const namedSource = /^[a-z0-9-]+(\/[a-z0-9-]+)*(\.test)?\.ts$/;

/** Commands of the program that a page shows and that do not exist. */
export function unknownCommands(pages: Pages, known: readonly string[]): string[] {
  return [...pages].flatMap(([path, page]) => {
    const shells = blocksOf(page).filter(({ language }) => /^(console|sh)$/.test(language));
    const lines = shells.flatMap(({ text }) => text.split("\n"));
    const codes = [...codesOf(page), ...lines.map((line) => line.replace(/^\$ /, ""))];
    return codes
      .map((code) => /^(?:npx )?evenkeel ([a-z-]+)\b/.exec(code)?.[1])
      .filter((word) => word !== undefined && !known.includes(word))
      .map((word) => `${path}: there is no evenkeel ${word}`);
  });
}

/** Where the page of reasons and the catalogue differ, in either direction. */
export function reasonDrift(page: string): string[] {
  const written = Object.entries(chapters).flatMap(([side, heading]) =>
    rowsOf(sectionOf(page, heading))
      .filter(([code]) => code?.startsWith("`"))
      .map(([code, status, text]) => `${side} ${code} ${status} ${text}`),
  );
  const known = reasons.map(
    ({ side, code, status, text }) => `${side} \`${code}\` ${status || "none"} ${text}`,
  );
  return difference("errors.md", written, known);
}

/** Where the page of metrics and a scrape differ, in either direction, the type included. */
export function metricDrift(page: string, scrape: string): string[] {
  const written = rowsOf(page)
    .filter(([name]) => /^`(evenkeel|process)_/.test(name ?? ""))
    .map(([name, type]) => `${name?.replaceAll("`", "")} ${type}`);
  const scraped = [...scrape.matchAll(/^# TYPE (\S+ \S+)$/gm)].map((found) => found[1]!);
  return difference("metrics.md", written, scraped);
}

/** Mistakes in the configurations that a page shows: the YAML blocks whose first line is
 * `# evenkeel.yaml`. */
export function configurationMistakes(path: string, page: string): string[] {
  return blocksOf(page)
    .filter(({ language, text }) => language === "yaml" && text.startsWith("# evenkeel.yaml\n"))
    .flatMap(({ text, line }) => {
      const result = parseConfig(`${path}:${line}`, text, { environment: {}, cores: 2 });
      return result.ok ? [] : result.problems.map(summarizeProblem);
    });
}

/** Decisions that are too long, or not in the index. */
export function decisionMistakes(pages: Pages, mostLines: number): string[] {
  const folder = "docs/decisions";
  const index = pages.get(`${folder}/README.md`) ?? "";
  return [...pages]
    .filter(([path]) => dirname(path) === folder && !path.endsWith("README.md"))
    .flatMap(([path, page]) => {
      const mistakes: string[] = [];
      const name = path.slice(folder.length + 1);
      if (page.trimEnd().split("\n").length > mostLines) mistakes.push(`${path} is too long`);
      if (!index.includes(`](${name})`)) mistakes.push(`${path} is not in the index`);
      return mistakes;
    });
}

function difference(page: string, written: readonly string[], known: readonly string[]): string[] {
  return [
    ...known.filter((one) => !written.includes(one)).map((one) => `${page} lacks: ${one}`),
    ...written.filter((one) => !known.includes(one)).map((one) => `${page} invents: ${one}`),
    ...written
      .filter((one, at) => written.indexOf(one) !== at)
      .map((one) => `${page} has twice: ${one}`),
  ];
}
