/**
 * Least time: of two members drawn at random by weight, the one likely to answer sooner.
 *
 * The estimate is the peak EWMA of its latency, faded by now, times one more than it has in flight
 * for its weight (in which a member of mean weight has each request once). So weights count once:
 * while members are idle by the draw, under load as capacity. Estimates are noisy, and where a group
 * has two members both are always drawn: of two that differ by less than half, the lighter one is
 * taken no more often than its weight says. What needs twice as long is left whatever its weight.
 *
 * Two draws instead of a look at all: the estimates are old by one answer, so whoever looks best to
 * everybody at once would be swamped before they learn of it; and it costs O(1), or O(log n) with
 * unequal weights. An endpoint of which nothing is known is taken whenever it is drawn idle, and then
 * gets one request at a time until its first answer.
 */
import { createPairPicker } from "../pair-picker.ts";
import { fadedLatencyUs } from "../peak-ewma.ts";
import type { Policy } from "../policy.ts";

/** Settings of `leastTime`. */
export interface LeastTimeSettings {
  /** Above zero: the time in which an old average loses 63 % of its say. 10,000 suits most. */
  readonly decayMs: number;
}

/** Above any real estimate: nothing known, and its first request is still out. */
const UNKNOWN_AND_BUSY = 1e18;
/** An estimate of at most this share of another is no noise. */
const CLEARLY_SOONER = 0.5;

/** Needs somebody to call `observeLatency` with each answer; without that it evens out in flight. */
export function leastTime({ decayMs }: LeastTimeSettings): Policy {
  return {
    exclusive: false,
    createPicker(members, facts, random) {
      const meanWeight =
        members.reduce((sum, slot) => sum + facts.weight[slot]!, 0) / members.length;
      const estimate = (slot: number, nowMs: number): number => {
        const inFlight = facts.inFlight[slot]!;
        const load = 1 + (inFlight * meanWeight) / facts.weight[slot]!;
        if (facts.latencyUs[slot] === 0) return inFlight === 0 ? 0 : UNKNOWN_AND_BUSY * load;
        return fadedLatencyUs(facts, slot, nowMs, decayMs) * load;
      };
      return createPairPicker(members, facts, random, estimate, CLEARLY_SOONER);
    },
  };
}
