/**
 * The laboratory's report as a page.
 */
import type {
  Block,
  Cell as PageCell,
  Chart,
  Page,
  Section,
  Table,
} from "../../../packages/evenkeel/src/report/page.ts";
import { judge, lossesOf, type Results } from "../metrics/verdicts.ts";
import { compare } from "../metrics/compare.ts";
import { type Cell, harmOf } from "../run/cell.ts";
import type { Scenario } from "../scenarios/scenario.ts";
import { columnsFor } from "./columns.ts";
import { groupLosses, nameOf, reasonsText } from "./words.ts";

/** Describes the results; `facts` tell of machine and settings. */
export function describePage(
  results: Results,
  facts: readonly (readonly [name: string, value: string])[],
): Page {
  const verdicts = judge(results).filter(({ met }) => met !== undefined);
  const missed = verdicts.filter(({ met }) => met === false).length;
  const bars = `${verdicts.length - missed} of ${verdicts.length} bars met`;
  return {
    title: "Fault laboratory",
    summary:
      "The same faults against Evenkeel, nginx, HAProxy and Caddy: a client with a fixed rate records every request, and these are the numbers of what it saw.",
    verdict:
      verdicts.length === 0 ? undefined : { text: bars, tone: missed === 0 ? "good" : "warn" },
    facts,
    sections: [
      barsSection(results),
      lossesSection(results),
      overviewSection(results),
      readingSection,
      ...results.scenarios.map((scenario) => scenarioSection(results, scenario)),
    ],
  };
}

function barsSection(results: Results): Section {
  const rows = judge(results)
    .filter(({ met }) => met !== undefined)
    .map(({ bar, variant, met, misses }): PageCell[] => [
      bar,
      variant,
      met ? { text: "met", tone: "good" } : { text: "not met", tone: "bad" },
      misses.join("; "),
    ]);
  return {
    title: "What is asked of Evenkeel",
    blocks: [
      table({
        columns: leftColumns("bar", "variant", "verdict", "missed in"),
        rows,
      }),
    ],
  };
}

function lossesSection(results: Results): Section {
  const ours = results.products.filter(({ family }) => family === "evenkeel");
  const losses = ours.flatMap((product) => lossesOf(results, product));
  const peers = results.products.length > ours.length;
  const none: Block = {
    kind: "text",
    text: peers
      ? "No product did better than any variant of Evenkeel."
      : "No other product was measured.",
  };
  return {
    title: "Where Evenkeel loses",
    blocks: [
      {
        kind: "text",
        text: "Every variant of Evenkeel against every variant of the others. What failed, was wrong or broke decides (a difference above 10 %), then the p99, then the worst latency (above 25 %, above 10 or 50 ms, and above twice what the machine made anybody wait for a processor). Less is noise.",
      },
      losses.length === 0
        ? none
        : table({
            columns: leftColumns("scenario", "what is better", "why"),
            rows: groupLosses(results.products, losses).map(({ scenario, text }) => [
              scenario.title,
              text,
              scenario.whyLost ?? "",
            ]),
          }),
    ],
  };
}

/** Failed, p99 and worst of everything in one table. */
function overviewSection({ cells, products, scenarios }: Results): Section {
  return {
    title: "All at a glance",
    blocks: [
      table({
        caption:
          "failed, wrong and broken · p99 / worst in ms; ✓ where no product is better by more than noise",
        columns: [
          { title: "scenario", align: "left" },
          ...products.map(({ name }) => ({ title: name, align: "right" }) as const),
        ],
        rows: scenarios.map(({ name, title }) => [
          title,
          ...products.map(({ id }): PageCell => {
            const cell = cells.find((one) => one.scenario === name && one.product === id);
            return cell ? glance(cell, cells) : "-";
          }),
        ]),
      }),
    ],
  };
}

/** Good is what no other product beats by more than noise. */
function glance(cell: Cell, cells: readonly Cell[]): PageCell {
  const { p99Ms, worstMs } = cell.summary;
  const harm = harmOf(cell);
  const text = `${harm} · ${Math.round(p99Ms)} / ${Math.round(worstMs)}`;
  const rivals = cells.filter(({ scenario }) => scenario === cell.scenario);
  if (rivals.every((rival) => compare(rival, cell).order >= 0)) return { text, tone: "good" };
  return harm === 0 ? text : { text, tone: "bad" };
}

const readingSection: Section = {
  title: "How to read it",
  collapsed: true,
  blocks: [
    {
      kind: "text",
      text: [
        "Latency: from the moment a request was due to the end of its answer, whether or not requests before it were answered. Failed ones count with the time until they failed.",
        "failed: no answer, or another status than 200. wrong: a 200 whose body is another request's or damaged.",
        "detected: from the fault until the last request was due that then failed, was wrong or slow (slower than 50 ms, or than ten times the median before the fault). 'not within': such requests came until the fault was over.",
        "error-free: the same without the slow ones.",
        "lost: the client's connections that broke with a request on them. long lost: WebSockets and downloads that broke.",
        "origin load: requests that reached an origin, in per cent of those the client sent: what retries and hedges cost.",
        "Charts: requests per 100 ms by the moment they were due; the worst and the median latency of these 100 ms on the right, logarithmic.",
      ].join("\n"),
    },
  ],
};

function scenarioSection(results: Results, scenario: Scenario): Section {
  const cells = results.cells.filter((cell) => cell.scenario === scenario.name);
  const columns = columnsFor(results.products);
  const notes = cells.flatMap((cell) => notesOf(results, cell));
  return {
    title: `${scenario.title} (${scenario.name})`,
    blocks: [
      { kind: "text", text: scenario.what },
      table({
        columns: columns.map(({ title, align }) => ({ title, align })),
        rows: cells.map((cell) =>
          columns.map(({ text, judge }): PageCell => {
            const tone = judge?.(cell) ?? "neutral";
            return tone === "neutral" ? text(cell) : { text: text(cell), tone };
          }),
        ),
      }),
      ...(notes.length > 0 ? [{ kind: "text", text: notes.join("\n") } as const] : []),
      { kind: "grid", charts: cells.map((cell) => chartOf(results, cell)), sameScale: true },
    ],
  };
}

function notesOf({ products }: Results, cell: Cell): string[] {
  const name = nameOf(products, cell);
  const why = reasonsText(cell.summary);
  return [
    ...cell.notes.map((note) => `${name}: ${note}`),
    ...(why === "" ? [] : [`${name} failed by: ${why}`]),
  ];
}

function chartOf({ products }: Results, cell: Cell): Chart {
  const { timeline, marks } = cell;
  const counts = [
    { label: "ok", values: timeline.ok, tone: "good" },
    { label: "slow", values: timeline.slow, tone: "warn" },
    { label: "failed", values: timeline.failed, tone: "bad" },
    { label: "wrong", values: timeline.wrong, tone: "bad" },
  ] as const;
  return {
    title: nameOf(products, cell),
    x: { label: "seconds" },
    left: { label: "requests per 100 ms" },
    right: { label: "latency, ms", scale: "log" },
    at: timeline.ok.map((_, step) => Math.round(step * timeline.stepMs) / 1_000),
    series: [
      ...counts
        .filter(({ label, values }) => label === "ok" || values.some((value) => value > 0))
        .map((series) => ({ ...series, axis: "left", style: "stacked" }) as const),
      { label: "worst ms", values: timeline.worstMs.map(twoDigits), axis: "right", style: "line" },
      { label: "p50 ms", values: timeline.p50Ms.map(twoDigits), axis: "right", style: "line" },
    ],
    marks: marks.map(({ atMs, label, kind }) => ({
      at: Math.round(atMs) / 1_000,
      label,
      tone: kind === "begin" ? "bad" : "good",
    })),
  };
}

/** Enough for a line, and half the bytes. */
function twoDigits(value: number): number {
  return Number(value.toPrecision(2));
}

function table(content: Table): Block {
  return { kind: "table", table: content };
}

function leftColumns(...titles: readonly string[]): Table["columns"] {
  return titles.map((title) => ({ title, align: "left" }));
}
