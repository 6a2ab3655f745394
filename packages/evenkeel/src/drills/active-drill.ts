/** A drill under way, with what it needs, and what is said of it. */
import type { ConditionWatch } from "../signals/contract.ts";
import type { DrillFaultSettings } from "../snapshot/drill-settings.ts";
import type { DrillRunView } from "./contract.ts";
import type { DrillRun, Seen } from "./drill-run.ts";
import type { DrillTraffic } from "./drill-traffic.ts";
import type { Faults, Injected } from "./faults.ts";

/** One drill under way, with what it needs. */
export interface ActiveDrill {
  readonly id: string;
  /** The wall clock at its beginning, gone on evenly since: all times of the run are of it. */
  readonly nowMs: () => number;
  run: DrillRun;
  readonly steady: readonly Watched[];
  readonly abort: readonly Watched[];
  readonly faults: Faults;
  readonly left: DrillFaultSettings[];
  readonly touched: Injected["touches"][];
  readonly timeline: { readonly atMs: number; readonly text: string }[];
  readonly traffic: DrillTraffic;
  doing: string;
}

/** A condition with its memory. */
export interface Watched {
  readonly text: string;
  readonly watch: ConditionWatch;
}

/** What the condition comes to now. */
export function see({ text, watch }: Watched, nowMs: number): Seen {
  return { text, states: watch.look(nowMs) };
}

/** What it is at, for people. */
export function doing({ run, left, faults }: ActiveDrill): string {
  if (run.phase === "steadying") return "waiting for the steady state";
  if (run.phase === "settling") {
    return run.steadySinceMs === undefined ? "waiting for recovery" : "making sure that it lasts";
  }
  return `${faults.left()} faults in force, ${left.length} to come`;
}

/** As lists show it. */
export function viewOf({ id, run, doing: text }: ActiveDrill): DrillRunView {
  const { settings, startedAtMs } = run;
  return {
    id,
    drill: settings.name,
    startedAtMs,
    endedAtMs: undefined,
    verdict: undefined,
    text,
  };
}
