/** Could the generator keep up? Where not, a step says nothing about the service. */
import { percentileUs } from "./latency-histogram.ts";
import type { StepMeasurement } from "./step-measurement.ts";
import type { ThreadHealth } from "./thread-messages.ts";

/** A thread that was busy for more than this share of the time had no room left. */
const mostBusy = 0.95;
/** This share of the time others may take from a thread that is ready to run. One that polls always
 * is, so that each of these moments is one in which it might have missed something. */
const mostWait = 0.3;
const mostPollingWait = 0.1;
/** Lateness below this does not make a step invalid: a busy machine always has some. */
const negligibleMs = 2;
/** Lateness may be this share of the latency it is part of. */
const mostShare = 0.1;
const p99 = 99;

/** Why the step is not valid; empty where it is. `polling` threads use all of a processor by intent:
 * with them it counts what they did with it. */
export function saturationOf(
  measured: Pick<StepMeasurement, "threads" | "lag" | "latency">,
  polling: boolean,
): string[] {
  const latencyMs = percentileUs(measured.latency, p99) / 1_000;
  const tooLate = (ms: number): boolean => ms > negligibleMs && ms > latencyMs * mostShare;
  const reasons: string[] = [];
  measured.threads.forEach((health, thread) => {
    const reason = busyReason(health, polling);
    if (reason !== undefined) reasons.push(`thread ${thread} of the generator ${reason}`);
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

function busyReason({ cpu, cpuWait, busy }: ThreadHealth, polling: boolean): string | undefined {
  if (busy > mostBusy) {
    const waited = cpuWait > 0.05 ? `, and waited for one for ${percent(cpuWait)}` : "";
    return `had no time left: it used ${percent(cpu)} of a processor${waited}`;
  }
  if (cpuWait <= (polling ? mostPollingWait : mostWait)) return undefined;
  return `waited for a processor for ${percent(cpuWait)} of the time: others use the machine`;
}

const percent = (share: number): string => `${Math.round(share * 100)}%`;
const short = (ms: number): string => `${Number(ms.toPrecision(2))} ms`;
