/** Drills, as the configuration asks for them. */
import type { Condition } from "../expression/expression.ts";
import type { FaultEffect, FaultSettings } from "./fault.ts";

export interface DrillSettings {
  readonly name: string;
  /** A cron expression in `timezone`; undefined runs only when asked. */
  readonly schedule: { readonly cron: string; readonly timezone: string } | undefined;
  /** All must be true before it begins and when it has ended. */
  readonly steadyState: readonly Condition[];
  readonly faults: readonly DrillFaultSettings[];
  /** Any of them true ends the drill at once. Looked at every second. */
  readonly abortIf: readonly Condition[];
  /** Everything is reverted at this time, whatever happens. */
  readonly maxDurationMs: number;
  readonly expect: {
    readonly detectedWithinMs: number | undefined;
    readonly recoveredWithinMs: number | undefined;
    /** Share of failed requests in all traffic of the drill, 0 to 1. */
    readonly errorRatio: number | undefined;
    /** The plan that must have healed it; undefined: whatever heals. */
    readonly plan: string | undefined;
  };
  /** Receivers that get the result. */
  readonly report: readonly string[];
}

export type DrillFaultSettings = { readonly atMs: number; readonly forMs: number } &
  /** `pick` instances of the process, chosen at random (or the one named). `exit` asks it to end by
   * TERM, `stop` freezes it for `forMs`. */
  (
    | {
        readonly kind: "process";
        readonly fault: "kill" | "stop" | "exit";
        readonly process: string;
        readonly pick: number;
      }
    | {
        readonly kind: "traffic";
        readonly scope: FaultSettings["scope"];
        /** Endpoints chosen at random where the scope names none; 0: all of them. */
        readonly pick: number;
        readonly effect: FaultEffect;
      }
  );
