/** Drills: faults on purpose, to see whether what should heal heals. */
import type { DrillSettings } from "../snapshot/drill-settings.ts";
import type { FaultSettings } from "../snapshot/fault.ts";
import type { SignalSubject } from "../signals/contract.ts";

export type DrillVerdict = "passed" | "failed" | "aborted" | "refused";

export interface DrillRunView {
  readonly id: string;
  readonly drill: string;
  readonly startedAtMs: number;
  readonly endedAtMs: number | undefined;
  readonly verdict: DrillVerdict | undefined;
  /** What it is at, or why it ended so. */
  readonly text: string;
}

/** The outcome of one drill; kept, shown and drawn. Times in milliseconds, undefined: never. */
export interface DrillReport {
  readonly id: string;
  readonly drill: string;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly verdict: DrillVerdict;
  readonly reasons: readonly string[];
  readonly detectedMs: number | undefined;
  readonly recoveredMs: number | undefined;
  readonly requests: number;
  readonly failed: number;
  readonly plan: string | undefined;
  readonly incident: number | undefined;
  readonly timeline: readonly { readonly atMs: number; readonly text: string }[];
  /** One entry per second; fewer of a drill that may take more than half an hour. */
  readonly samples: readonly {
    readonly atMs: number;
    readonly requests: number;
    readonly failed: number;
    readonly p50Ms: number | undefined;
    readonly p99Ms: number | undefined;
    readonly available: number;
  }[];
}

/** What drills can do to the world. Every fault ends by itself at its deadline. */
export interface FaultLevers {
  /** The faults in force in the proxies, all of them; empty ends them. */
  setTraffic(faults: readonly FaultSettings[]): void;
  /** Instances of a process that could be hit now. */
  instances(process: string): readonly { readonly name: string; readonly pid: number }[];
  signal(instance: string, signal: NodeJS.Signals): boolean;
  /** Wakes a frozen process by its number: whoever runs it may not know it yet, or no longer. Nothing
   * where it is gone. */
  wake(pid: number): void;
  /** Sees to it that this process is woken after so long even if Evenkeel has died. */
  wakeLater(pid: number, afterMs: number): void;
  /** Endpoint names of an upstream. */
  endpoints(upstream: string): readonly string[];
}

export interface Drills {
  apply(settings: readonly DrillSettings[]): void;
  /** Schedules, faults that are due, abort conditions: call it about once a second. */
  tick(nowMs: number): void;
  /** Refuses while an incident is open, a drill runs or the steady state does not hold: why is in
   * the problem. */
  run(drill: string, who: string): { readonly id: string } | { readonly problem: string };
  abort(who: string): boolean;
  /** The one running first, then newest first. */
  runs(): readonly DrillRunView[];
  report(id: string): DrillReport | undefined;
  /** What happened so far in the drill under way; undefined where none is. */
  progress():
    | { readonly run: DrillRunView; readonly timeline: DrillReport["timeline"] }
    | undefined;
  /** In configuration order. */
  list(): readonly { readonly settings: DrillSettings; readonly nextDueMs: number | undefined }[];
  /** The drill under way where it has put a fault on the subject, also one that is over by now:
   * incidents are marked with its name. */
  touching(subject: SignalSubject): string | undefined;
  close(): Promise<void>;
}
