/**
 * What the figure of healing prints: tables, bars and notes.
 */
import type { ExitOutcome, HangOutcome } from "../../../test/scenario/testing/exits.ts";
import type { IncidentRow } from "../../../test/scenario/testing/healing-record.ts";
import { check, MAX_UNAVAILABLE } from "../../../test/scenario/testing/healing-scene.ts";
import type { EndOutcome } from "../../../test/scenario/testing/random-ends.ts";
import type { FaultOutcome } from "../../../test/scenario/testing/random-faults.ts";
import type { OpenLoopResult } from "../../../test/support/open-loop.ts";
import { median } from "../measure/statistics.ts";
import { fixed } from "../report/numbers.ts";
import type { Bar, Table } from "./figure.ts";

/** One instance after another that died or hung, with no other fault around. */
export interface Single {
  readonly exits: readonly ExitOutcome[];
  readonly hangs: readonly HangOutcome[];
  readonly sent: number;
  readonly failed: number;
}

/** Random faults under load. `left`: what was left of them; `atOnce`: restarts by plans. */
export interface Random {
  readonly outcomes: readonly FaultOutcome[];
  readonly incidents: readonly IncidentRow[];
  readonly load: OpenLoopResult;
  readonly left: readonly string[];
  readonly atOnce: number;
}

/** Ends of Evenkeel at random instants. `lines`: how often the step was done that must not be repeated. */
export interface Ends {
  readonly outcomes: readonly EndOutcome[];
  readonly repetitions: readonly string[];
  readonly lines: number;
  readonly problems: readonly string[];
}

/** Times after single exits and hangs. */
export function singleTable({ exits, hangs }: Single): Table {
  const row = (text: string, taken: readonly number[]): string[] => [text, ...times(taken)];
  return {
    title: "One instance dies (KILL), or hangs (STOP)",
    columns: ["from, to", "n", "median ms", "largest ms"],
    rows: [
      row(
        "exit, out of rotation",
        exits.map(({ outMs }) => outMs),
      ),
      row(
        "exit, restart beyond the first delay",
        exits.map(({ restartMs }) => restartMs),
      ),
      row(
        "exit, the new one is ready",
        exits.map(({ readyMs }) => readyMs),
      ),
      row(
        "hang, out of rotation",
        hangs.map(({ detectedMs }) => detectedMs),
      ),
      row(
        "hang, replaced",
        hangs.map(({ replacedMs }) => replacedMs),
      ),
      row(
        "of that: start of the new one",
        hangs.map(({ startMs }) => startMs),
      ),
    ],
  };
}

/** What the settings allow a hang to take, the new one's start apart: the checks, the plan's `for`, and
 * one look at the signals. */
const HANG_BOUND_MS = check.intervalMs * check.threshold + check.timeoutMs + 500 + 200;

/** The same against the bars. */
export function singleBars({ exits, hangs, failed }: Single): Bar[] {
  const beyondStart = hangs.map(({ replacedMs, startMs }) => replacedMs - startMs);
  return [
    {
      what: "exit to out of rotation, median",
      value: median(exits.map(({ outMs }) => outMs)),
      bar: 10,
      unit: " ms",
    },
    {
      what: "exit to restart, beyond the first delay, median",
      value: median(exits.map(({ restartMs }) => restartMs)),
      bar: 100,
      unit: " ms",
    },
    {
      what: "hang to replaced, without the new one's start, median",
      value: median(beyondStart),
      bar: HANG_BOUND_MS,
      unit: " ms",
    },
    { what: "failed requests meanwhile", value: failed, bar: 0, unit: "" },
  ];
}

/** Times until all was well again, by kind of fault. */
export function faultTable(outcomes: readonly FaultOutcome[]): Table {
  const kinds = [...new Set(outcomes.map(({ kind }) => kind))].sort();
  return {
    title: "Random faults until all instances are well again",
    columns: ["fault", "n", "median ms", "largest ms", "not healed"],
    rows: kinds.map((kind) => {
      const own = outcomes.filter((outcome) => outcome.kind === kind);
      const healed = own.flatMap(({ repairedMs }) => repairedMs ?? []);
      return [
        kind,
        String(own.length),
        fixed(median(healed), 0),
        fixed(Math.max(0, ...healed), 0),
        String(own.length - healed.length),
      ];
    }),
  };
}

/** What the history says of the incidents of each plan. */
export function incidentTable(incidents: readonly IncidentRow[]): Table {
  const plans = [...new Set(incidents.map(({ plan }) => plan ?? ""))].sort();
  return {
    title: "Incidents of plans, by the history: from the first bad sample",
    columns: ["plan", "n", "detected ms", "mitigated ms", "needed a person"],
    rows: plans.map((plan) => {
      const own = incidents.filter((incident) => incident.plan === plan);
      const detected = own.map(({ faultAtMs, detectedAtMs }) => detectedAtMs - faultAtMs);
      return [
        plan,
        String(own.length),
        fixed(median(detected), 0),
        fixed(median(mitigation(own)), 0),
        String(own.filter(({ handling }) => handling !== "auto").length),
      ];
    }),
  };
}

function mitigation(incidents: readonly IncidentRow[]): number[] {
  return incidents.flatMap(({ faultAtMs, mitigatedAtMs }) =>
    mitigatedAtMs === null ? [] : [mitigatedAtMs - faultAtMs],
  );
}

/** Random faults against the bars. */
export function randomBars({ outcomes, incidents, left, atOnce }: Random): Bar[] {
  const healed = outcomes.flatMap(({ repairedMs }) => repairedMs ?? []);
  const byPeople =
    outcomes.length -
    healed.length +
    incidents.filter(({ handling }) => handling !== "auto").length;
  return [
    {
      what: `of ${outcomes.length} random faults: not healed without a person`,
      value: (byPeople / outcomes.length) * 100,
      bar: 1,
      unit: " %",
    },
    {
      what: "random fault to well again, median",
      value: median(healed) / 1000,
      bar: 3,
      unit: " s",
    },
    {
      what: "incident to mitigated, median by the history",
      value: median(mitigation(incidents)) / 1000,
      bar: 3,
      unit: " s",
    },
    { what: "left of the faults", value: left.length, bar: 0, unit: "" },
    {
      what: "restarts by plans at once, of 6",
      value: atOnce,
      bar: MAX_UNAVAILABLE,
      unit: "",
    },
  ];
}

/** Times until all was well again after ends of Evenkeel. */
export function endTable(control: Ends, program: Ends): Table {
  const row = (name: string, { outcomes }: Ends): string[] => {
    const settled = outcomes.flatMap(({ settledMs }) => settledMs ?? []);
    const inMidst = outcomes.filter(({ unfinished }) => unfinished.length > 0).length;
    return [name, String(outcomes.length), String(inMidst), ...times(settled).slice(1)];
  };
  return {
    title: "Ends at random instants until all is well and nothing is left",
    columns: ["what ended", "n", "with operations unfinished", "median ms", "largest ms"],
    rows: [row("control", control), row("the whole program (KILL)", program)],
  };
}

/** The same against the bars: nothing may be left or be done twice. */
export function endBars(control: Ends, program: Ends): Bar[] {
  const unsettled = [...control.outcomes, ...program.outcomes].filter(
    ({ settledMs }) => settledMs === undefined,
  );
  const repetitions = control.repetitions.length + program.repetitions.length;
  return [
    { what: "ends that did not lead to a known state", value: unsettled.length, bar: 0, unit: "" },
    { what: "steps done again blindly", value: repetitions, bar: 0, unit: "" },
  ];
}

/** What clients saw meanwhile, in one line. */
export function failuresIn(load: OpenLoopResult): string {
  const { sent, failures } = load;
  const ms = (share: number, digits: number): string => fixed(load.quantileMs(share), digits);
  const ways = new Map<string, number>();
  for (const { status, error } of failures) {
    const way = String(status ?? error);
    ways.set(way, (ways.get(way) ?? 0) + 1);
  }
  const list = [...ways].map(([way, count]) => `${count} x ${way}`).join(", ");
  return (
    `Clients meanwhile: ${failures.length} of ${sent} requests failed${list && ` (${list})`}; ` +
    `p50 ${ms(0.5, 1)} ms, p99 ${ms(0.99, 1)} ms, ` +
    `p99.9 ${ms(0.999, 0)} ms.`
  );
}

function times(taken: readonly number[]): string[] {
  return [String(taken.length), fixed(median(taken), 0), fixed(Math.max(0, ...taken), 0)];
}
