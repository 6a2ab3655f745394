/** The README's table of what clients saw when things broke, made of a laboratory's result. Pure. */
import { markdownTable } from "../../bench/src/report/text.ts";

/** The part of a result (lab/src/report) that the summary needs. */
export interface LabResult {
  /** ISO 8601. */
  readonly date: string;
  readonly machine: Readonly<Record<string, unknown>>;
  readonly cells: readonly {
    readonly scenario: string;
    readonly product: string;
    readonly version: string;
    readonly ratePerSecond: number;
    readonly seconds: number;
    readonly summary: {
      readonly requests: number;
      readonly failed: number;
      readonly wrong: number;
      readonly p99Ms: number;
      readonly worstMs: number;
    };
  }[];
}

const BEGIN =
  "<!-- lab: written by `node scripts/lab-summary.ts` from the newest file in lab/results; do not edit -->";
const END = "<!-- /lab -->";

/** The least busy of each that has the choice: the policy that stands faults best. */
const products = [
  ["evenkeel-lc", "Evenkeel"],
  ["evenkeel-hedge", "Evenkeel, `hedge`"],
  ["nginx-lc", "nginx"],
  ["haproxy-lc", "HAProxy"],
  ["caddy-lc", "Caddy"],
] as const;

const scenarios: readonly (readonly [name: string, words: string])[] = [
  ["kill", "`kill -9` of one of three"],
  ["stop", "one frozen (SIGSTOP) for 8 s"],
  ["hang", "one hangs, its check says fine"],
  ["slow", "one takes 400 ms instead of 2"],
  ["errors-100", "one answers 503, its check says fine"],
  ["reset-body", "one resets in the middle of answers"],
  ["keep-alive-race", "idle connections closed at random"],
  ["rolling", "rolling restart"],
  ["config-100", "100 changes of the configuration"],
  ["check-lies-all", "all checks fail, all instances are fine"],
  ["all-down", "all down for 5 s"],
  ["balancer-kill", "the balancer killed and started again"],
];

/** The page with its block written anew; throws where it has none. */
export function withLabBlock(page: string, file: string, result: LabResult): string {
  const start = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (start < 0 || end < start) throw new Error(`the page has no block from ${BEGIN} to ${END}`);
  return `${page.slice(0, start)}${BEGIN}\n${labBlock(file, result)}\n${page.slice(end)}`;
}

function labBlock(file: string, { cells, date, machine }: LabResult): string {
  const find = (scenario: string, product: string) =>
    cells.find((cell) => cell.scenario === scenario && cell.product === product);
  const rows = scenarios.map(([scenario, words]) => [
    words,
    ...products.map(([product]) => {
      const cell = find(scenario, product);
      if (!cell) return "-";
      const { failed, wrong, p99Ms, worstMs } = cell.summary;
      return `${failed + wrong}, ${p99Ms.toFixed(0)} / ${worstMs.toFixed(0)}`;
    }),
  ]);
  const [first] = cells;
  const versions = products.map(
    ([product, name]) =>
      `${name} ${cells.find((cell) => cell.product === product)?.version ?? "-"}`,
  );
  const settings = Object.entries(machine).map(([key, value]) => `${key} ${String(value)}`);
  const about =
    `Failed of ${first?.summary.requests ?? 0} requests (${first?.ratePerSecond ?? 0}/s for ${first?.seconds ?? 0} s, three instances, ` +
    "the fault at 3 s), and p99 / worst in ms; least connections everywhere.";
  const table = markdownTable({ columns: ["", ...products.map(([, name]) => name)], rows });
  const source = `From [lab/results/${file}](lab/results/${file}), ${date.slice(0, 10)}: ${settings.join(", ")}; ${versions.join(", ")}.`;
  return `${about}\n\n${table}\n\n${source}`;
}
