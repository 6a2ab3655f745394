/** Could the generator keep up? Where not, a step says nothing about the service. */
import { percentileUs } from "./latency-histogram.ts";
import type { StepMeasurement } from "./step-measurement.ts";

/** A thread that used its processor for more than this had no room left. */
const mostCpu = 0.95;
/** Lateness below this does not make a step invalid: a busy machine always has some. */
const negligibleMs = 2;
/** Lateness may be this share of the latency it is part of. */
const mostShare = 0.1;
const p99 = 99;

/** Why the step is not valid; empty where it is. `polling` threads use all of a processor by intent. */
export function saturationOf(
  measured: Pick<StepMeasurement, "threads" | "lag" | "latency">,
  polling: boolean,
): string[] {
  const latencyMs = percentileUs(measured.latency, p99) / 1_000;
  const tooLate = (ms: number): boolean => ms > negligibleMs && ms > latencyMs * mostShare;
  const reasons: string[] = [];
  measured.threads.forEach(({ cpu }, thread) => {
    if (cpu <= mostCpu || polling) return;
    reasons.push(`thread ${thread} of the generator used ${Math.round(cpu * 100)}% of a processor`);
  });
  const lagMs = percentileUs(measured.lag, p99) / 1_000;
  if (tooLate(lagMs)) {
    reasons.push(
      `the generator sent late by itself: ${short(lagMs)} at its p99, of a p99 of ${short(latencyMs)}`,
    );
  }
  const delayMs = Math.max(0, ...measured.threads.map(({ loopDelayP99Ms }) => loopDelayP99Ms));
  if (tooLate(delayMs)) {
    reasons.push(
      `the generator read late: its event loop was delayed by ${short(delayMs)} at its p99, ` +
        `of a p99 of ${short(latencyMs)}`,
    );
  }
  return reasons;
}

const short = (ms: number): string => `${Number(ms.toPrecision(2))} ms`;
