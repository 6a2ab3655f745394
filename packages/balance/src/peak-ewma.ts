/**
 * Peak EWMA: an average of latencies that jumps up with a slow answer and comes down slowly.
 *
 * A slow answer is believed at once, a fast one only gradually: the average keeps e^(-elapsed/decay)
 * of itself. While nothing is heard it fades towards zero, so that an endpoint that was slow once is
 * tried again. Source of the idea: Finagle's peak EWMA balancer.
 */
import type { EndpointFacts } from "./policy.ts";

/** What is known is at least this, because zero means that nothing is known. */
const LEAST_US = 1;

type LatencyFacts = Pick<EndpointFacts, "latencyUs" | "latencyAtMs">;

/** Takes one answer's latency in; `decayMs` above zero is the time in which an old average loses
 * 63 % of its say. A clock that went back counts as standing still. Two threads at once may lose
 * one of two observations, which the next one makes up for. */
export function observeLatency(
  facts: LatencyFacts,
  slot: number,
  latencyUs: number,
  nowMs: number,
  decayMs: number,
): void {
  const known = facts.latencyUs[slot]!;
  const observed = Math.max(LEAST_US, latencyUs);
  if (observed >= known) {
    facts.latencyUs[slot] = observed;
  } else {
    const kept = keptShare(nowMs - facts.latencyAtMs[slot]!, decayMs);
    facts.latencyUs[slot] = known * kept + observed * (1 - kept);
  }
  facts.latencyAtMs[slot] = nowMs;
}

/** The average as it has faded by now; zero where nothing is known, and after a very long silence. */
export function fadedLatencyUs(
  facts: LatencyFacts,
  slot: number,
  nowMs: number,
  decayMs: number,
): number {
  const known = facts.latencyUs[slot]!;
  if (known === 0) return 0;
  return known * keptShare(nowMs - facts.latencyAtMs[slot]!, decayMs);
}

function keptShare(elapsedMs: number, decayMs: number): number {
  return elapsedMs <= 0 ? 1 : Math.exp(-elapsedMs / decayMs);
}
