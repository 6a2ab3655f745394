/** Policies side by side, as tables and as a report. */
import type { Block, Page, Table } from "../report/page.ts";
import { meaningOf } from "./bench-page.ts";
import { spectrumChart } from "./charts.ts";
import { formatAmount, formatPercent } from "./number-format.ts";
import type { PoliciesResult } from "./policies-result.ts";
import { measuredCells, stepNotes } from "./step-table.ts";

/** One row per load and policy. */
export function policiesTable({ runs }: PoliciesResult): Table {
  const [first] = runs;
  const load = first?.result.settings.mode === "closed" ? "connections" : "offered/s";
  const rows = loadsOf(runs).flatMap((wanted) =>
    runs.flatMap(({ policy, result }) =>
      result.steps
        .filter((step) => step.load === wanted)
        .map((step) => [policy, formatAmount(wanted), ...measuredCells(step)]),
    ),
  );
  return {
    columns: [
      { title: "policy", align: "left" },
      ...[load, "achieved/s", "p50", "p90", "p99", "p99.9", "max", "errors"].map(
        (title) => ({ title, align: "right" }) as const,
      ),
      { title: "verdict", align: "left" },
    ],
    rows,
  };
}

/** Which endpoint got how many attempts; one row per policy. */
export function distributionTable({ runs }: PoliciesResult): Table {
  const names = [...new Set(runs.flatMap(({ endpoints }) => endpoints.map(({ name }) => name)))];
  return {
    columns: [
      { title: "policy", align: "left" },
      ...names.map((title) => ({ title, align: "right" }) as const),
      { title: "failed attempts", align: "right" },
    ],
    rows: runs.map(({ policy, endpoints }) => {
      const shares = new Map(endpoints.map((endpoint) => [endpoint.name, endpoint]));
      const failures = endpoints.reduce((sum, endpoint) => sum + endpoint.failures, 0);
      return [
        policy,
        ...names.map((name) => {
          const share = shares.get(name);
          return share ? `${formatAmount(share.requests)} (${formatPercent(share.percent)})` : "-";
        }),
        failures === 0 ? "0" : { text: formatAmount(failures), tone: "warn" as const },
      ];
    }),
  };
}

/** The whole comparison. */
export function policiesPage(result: PoliciesResult): Page {
  const { runs, upstream, config, interrupted } = result;
  const first = runs[0]?.result;
  const spectra = loadsOf(runs).flatMap((load): Block[] => {
    const lines = runs.flatMap(({ policy, result: { steps } }) => {
      const step = steps.findLast((one) => one.load === load);
      return step ? [{ label: policy, step }] : [];
    });
    const chart = spectrumChart(`Percentile spectrum at ${formatAmount(load)}`, lines);
    return chart ? [{ kind: "chart", chart }] : [];
  });
  const notes = runs.flatMap(({ policy, result: { steps, settings } }) =>
    steps.flatMap((step) =>
      stepNotes(step, settings).map((text): Block => ({
        kind: "text",
        text: `${policy} at ${formatAmount(step.load)}: ${text}`,
        tone: "warn",
      })),
    ),
  );
  return {
    title: `Policies for ${upstream}`,
    summary:
      `${runs.length} policies of ${config} under the same load, one after another, each in an ` +
      `Evenkeel of its own.${interrupted ? " It was interrupted; what was measured by then is here." : ""}`,
    verdict: undefined,
    facts: first ? factsOf(first) : [],
    sections: [
      {
        title: "Latency and errors",
        blocks: [
          { kind: "table", table: policiesTable(result) },
          ...(first ? [{ kind: "text", text: meaningOf(first.settings.mode) } as const] : []),
          ...notes,
          ...spectra,
        ],
      },
      {
        title: "Distribution",
        blocks: [
          {
            kind: "text",
            text: "Attempts per endpoint as the balancer counted them, warm-up included.",
          },
          { kind: "table", table: distributionTable(result) },
        ],
      },
    ],
  };
}

function factsOf({
  settings,
  machine,
  evenkeel,
  started_at,
}: PoliciesResult["runs"][number]["result"]): (readonly [string, string])[] {
  return [
    ["SLO", settings.slo],
    ["Request", `${settings.method} ${new URL(settings.url).pathname}`],
    [
      "Hold, warm-up, settle",
      `${settings.hold_s} s, ${settings.warm_up_s} s, ${settings.settle_s} s`,
    ],
    ["Machine", `${machine.cpu}, ${machine.cores} cores, ${machine.memory_gib} GiB`],
    ["System", `${machine.system}, Node ${machine.node}, Evenkeel ${evenkeel}, ${machine.name}`],
    ["Time", started_at],
  ];
}

function loadsOf(runs: PoliciesResult["runs"]): number[] {
  const loads = runs.flatMap(({ result }) => result.steps.map(({ load }) => load));
  return [...new Set(loads)].sort((a, b) => a - b);
}
