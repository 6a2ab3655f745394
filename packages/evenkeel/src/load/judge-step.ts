/** What a step shows. */
import { saturationOf } from "./saturation.ts";
import { missedObjectives, type Slo } from "./slo.ts";
import type { StepMeasurement } from "./step-measurement.ts";

/** `invalid`: the generator could not keep up, so nothing is known of the service. */
export type Verdict = "met" | "missed" | "invalid";

export interface Judgement {
  readonly verdict: Verdict;
  /** Why it is not met; empty where it is. */
  readonly reasons: readonly string[];
}

/** Answers must come at this share of the rate at which requests are due. */
export const requiredShare = 0.99;
/** So few requests are never missed: a short step has no exact rate. */
const forgivenRequests = 5;

/** Judges one step: first whether the generator kept up, then the rate, then the SLO. */
export function judgeStep(
  measured: StepMeasurement,
  settings: {
    /** Undefined for a closed loop, which has no rate to keep. */
    readonly ratePerSecond: number | undefined;
    readonly slo: Slo;
    readonly polling: boolean;
  },
): Judgement {
  const saturated = saturationOf(measured, settings.polling);
  if (saturated.length > 0) return { verdict: "invalid", reasons: saturated };
  const { ratePerSecond } = settings;
  const reasons = missedObjectives(settings.slo, measured);
  if (ratePerSecond !== undefined) {
    const due = (ratePerSecond * measured.windowMs) / 1_000;
    const missing = due - measured.answeredInWindow;
    if (missing > due * (1 - requiredShare) && missing > forgivenRequests) {
      const share = Math.floor((measured.answeredInWindow / due) * 1_000) / 10;
      reasons.unshift(`answered ${share}% of the offered rate, not 99%`);
    }
  }
  return { verdict: reasons.length === 0 ? "met" : "missed", reasons };
}
