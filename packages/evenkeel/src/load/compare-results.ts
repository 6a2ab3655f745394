/** Two runs side by side. */
import type { BenchResult, StepResult } from "./bench-result.ts";

/** Steps of both runs at one load. */
export interface StepPair {
  readonly load: number;
  readonly earlier: StepResult;
  readonly now: StepResult;
}

export interface Comparison {
  /** At loads that both have measured; a load measured twice counts once, the last. */
  readonly pairs: readonly StepPair[];
  /** What makes the two differ besides the service: "threads: 1, now 2". */
  readonly differences: readonly string[];
}

/** Pairs the steps of two runs by load. Runs of different modes have no pairs. */
export function compareResults(earlier: BenchResult, now: BenchResult): Comparison {
  const before = new Map(earlier.steps.map((step) => [step.load, step]));
  const isSameMode = earlier.settings.mode === now.settings.mode;
  const pairs = !isSameMode
    ? []
    : now.steps.flatMap((step) => {
        const other = before.get(step.load);
        return other ? [{ load: step.load, earlier: other, now: step }] : [];
      });
  return {
    pairs,
    differences: [
      ...differencesOf("machine", earlier.machine, now.machine),
      ...differencesOf("", earlier.settings, now.settings),
      ...(earlier.evenkeel === now.evenkeel
        ? []
        : [`evenkeel: ${earlier.evenkeel}, now ${now.evenkeel}`]),
    ],
  };
}

/** The change in percent: 50 is half as much again; undefined where there was nothing before. */
export function changePercent(before: number, now: number): number | undefined {
  return before === 0 ? undefined : ((now - before) / before) * 100;
}

function differencesOf(of: string, before: object, now: object): string[] {
  const values = new Map(Object.entries(before));
  return Object.entries(now).flatMap(([key, value]) => {
    const shown = JSON.stringify(value);
    const other = JSON.stringify(values.get(key));
    return shown === other ? [] : [`${of === "" ? "" : `${of} `}${key}: ${other}, now ${shown}`];
  });
}
