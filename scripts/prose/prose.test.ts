import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";

import { createBoard } from "../../packages/evenkeel/src/board/board.ts";
import { runCommandLine } from "../../packages/evenkeel/src/cli/program.ts";
import { quietHealing } from "../../packages/evenkeel/src/telemetry/testing/quiet-healing.ts";
import { createMetrics } from "../../packages/evenkeel/src/telemetry/metrics.ts";
import {
  brokenLinks,
  configurationMistakes,
  decisionMistakes,
  linksToFiles,
  metricDrift,
  missingFiles,
  reasonDrift,
  unknownCommands,
} from "./checks.ts";
import { anchorsOf, blocksOf, rowsOf } from "./markdown.ts";

const root = join(import.meta.dirname, "../..");
const MOST_LINES = 40;

function readPages(): Map<string, string> {
  const paths = globSync(["*.md", "docs/**/*.md", "packages/*/*.md", "bench/*.md"], { cwd: root });
  return new Map(paths.map((path) => [path, readFileSync(join(root, path), "utf8")]));
}

/** A scrape of an Evenkeel that just started. */
function scrape(): Promise<string> {
  return createMetrics({
    board: createBoard(1),
    snapshot: () => ({
      version: 1,
      listeners: [],
      routes: [],
      upstreams: [],
      accessLog: undefined,
      viaName: "evenkeel",
      stickySecret: "",
    }),
    health: () => [],
    panicking: () => [],
    healing: () => quietHealing,
    facts: () => ({
      version: "0.0.0",
      startedAtMs: 0,
      configVersion: 1,
      reloadsAccepted: 0,
      reloadsRefused: 0,
      lastReloadOk: true,
      lastReloadAtMs: 0,
      proxyRestarts: 0,
      controlRestarts: 0,
    }),
  }).text();
}

/** The program's commands, as its help lists them. */
async function commands(): Promise<string[]> {
  const printed: string[] = [];
  await runCommandLine(["help"], {
    print: (text) => void printed.push(text),
    warn: () => undefined,
    stdout: process.stdout,
    environment: {},
  });
  const listed = printed.join("\n").split("Commands:")[1] ?? assert.fail("no commands in the help");
  return [...listed.matchAll(/^ {2}([a-z-]+)/gm)].map((found) => found[1]!);
}

const pages = readPages();
const page = (path: string): string => pages.get(path) ?? assert.fail(`there is no ${path}`);

test("links between pages lead somewhere", () => {
  assert.ok(pages.size > 30);
  assert.deepEqual(
    brokenLinks(pages, (path) => existsSync(join(root, path))),
    [],
  );
});

test("the packages' own pages stand alone, as they are published without the others", () => {
  const manifests = globSync("packages/*/package.json", { cwd: root });
  const readmes = manifests.map((manifest) => join(dirname(manifest), "README.md"));
  assert.ok(readmes.length >= 2);
  assert.deepEqual(
    readmes.flatMap((path) => linksToFiles(path, page(path))),
    [],
  );
});

test("files that pages name are there", () => {
  const sources = globSync("{packages/*/src,scripts,bench/src,test}/**/*.ts", { cwd: root });
  const exists = (path: string): boolean =>
    existsSync(join(root, path)) || sources.some((source) => source.endsWith(`/${path}`));
  assert.deepEqual(missingFiles(pages, exists), []);
});

test("commands that pages show exist", async () => {
  assert.deepEqual(unknownCommands(pages, await commands()), []);
});

test("docs/errors.md has exactly the reasons of the catalogue", () => {
  assert.deepEqual(reasonDrift(page("docs/errors.md")), []);
});

test("docs/metrics.md has exactly the metrics of a scrape", async () => {
  assert.deepEqual(metricDrift(page("docs/metrics.md"), await scrape()), []);
});

test("the configurations that pages show are sound", () => {
  const shown = [...pages.values()].flatMap(blocksOf);
  assert.ok(shown.filter(({ text }) => text.startsWith("# evenkeel.yaml\n")).length > 5);
  assert.deepEqual(
    [...pages].flatMap(([path, text]) => configurationMistakes(path, text)),
    [],
  );
});

test("decisions are short and in their index", () => {
  assert.deepEqual(decisionMistakes(pages, MOST_LINES), []);
});

test("a link to no file, to no heading and into the void is told", () => {
  const linking = new Map([
    ["docs/a.md", "# One\n[x](b.md) [y](b.md#two-words) [z](#one) [w](https://example.net/x)\n"],
    [
      "docs/b.md",
      "## Two words\n[x](c.md)\n[y](a.md#nothing)\n`[no](link.md)`\n```\n[n](o.md)\n```\n",
    ],
  ]);
  assert.deepEqual(
    brokenLinks(linking, () => false),
    ["docs/b.md:2: there is no docs/c.md", "docs/b.md:3: docs/a.md has no heading #nothing"],
  );
});

test("a link to another file is told of a page that must stand alone", () => {
  const text = "# One\n[x](docs/b.md) [y](#one) [z](https://example.net/)\n";
  assert.deepEqual(linksToFiles("a.md", text), ["a.md:2: docs/b.md is not there when published"]);
});

test("a file and a command that are not there are told", () => {
  const naming = new Map([
    ["a.md", "`docs/a.md` `docs/NAME.md` `evenkeel drain x`\n```console\n$ evenkeel fly\n```\n"],
  ]);
  assert.deepEqual(
    missingFiles(naming, () => false),
    ["a.md: there is no docs/a.md"],
  );
  assert.deepEqual(unknownCommands(naming, ["drain"]), ["a.md: there is no evenkeel fly"]);
});

test("a reason that is missing, invented, doubled or differs is told", () => {
  const whole = page("docs/errors.md");
  const row = whole.split("\n").find((line) => line.startsWith("| `no_route`"))!;
  const cases = [
    ["missing", whole.replace(`${row}\n`, ""), /lacks: client `no_route`/],
    ["doubled", whole.replace(row, `${row}\n${row}`), /has twice: client `no_route`/],
    [
      "another status",
      whole.replace(row, row.replace("404", "410")),
      /invents: client `no_route` 410/,
    ],
    ["another name", whole.replace("`no_route`", "`no_way`"), /invents: client `no_way`/],
  ] as const;
  for (const [name, changed, expected] of cases) {
    assert.match(reasonDrift(changed).join("\n"), expected, name);
  }
});

test("a metric that is missing, invented or of another type is told", async () => {
  const whole = page("docs/metrics.md");
  const scraped = await scrape();
  const name = "evenkeel_upstream_panic";
  const missing = metricDrift(whole.replace(`\`${name}\``, "panic"), scraped);
  assert.deepEqual(missing, [`metrics.md lacks: ${name} gauge`]);
  const fewer = metricDrift(whole, scraped.replace(`# TYPE ${name} gauge\n`, ""));
  assert.deepEqual(fewer, [`metrics.md invents: ${name} gauge`]);
});

test("a configuration with a mistake is told, others are not looked at", () => {
  const shown = (first: string): string =>
    `text\n\`\`\`yaml\n${first}\nlisteners: { web: { bint: "127.0.0.1:1" } }\n\`\`\`\n`;
  const mistakes = configurationMistakes("a.md", shown("# evenkeel.yaml")).join("\n");
  assert.match(mistakes, /a\.md:2.*bint.*did you mean "bind"/s);
  assert.deepEqual(configurationMistakes("a.md", shown("# prometheus.yml")), []);
});

test("a decision that is long or not listed is told", () => {
  const decisions = new Map([
    ["docs/decisions/README.md", "[0001](0001-a.md)"],
    ["docs/decisions/0001-a.md", "1\n2\n3\n"],
    ["docs/decisions/0002-b.md", "1\n"],
  ]);
  assert.deepEqual(decisionMistakes(decisions, 2), [
    "docs/decisions/0001-a.md is too long",
    "docs/decisions/0002-b.md is not in the index",
  ]);
});

test("headings become anchors as GitHub makes them", () => {
  const anchors = anchorsOf("# The operator's word\n## A & B\n## `max_fails`\n## A & B\n");
  assert.deepEqual([...anchors], ["the-operators-word", "a--b", "max_fails", "a--b-1"]);
});

test("rows are read without their rules", () => {
  assert.deepEqual(rowsOf("| a | b |\n|---|--:|\n| `c` | d e |\n"), [
    ["a", "b"],
    ["`c`", "d e"],
  ]);
});
