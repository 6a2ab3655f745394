/**
 * Least time: of two members drawn at random, the one likely to answer sooner.
 *
 * The estimate is the peak EWMA of its latency, faded by now, times the requests it would have with
 * this one, divided by its weight. Two draws instead of a look at all: the estimates are old by one
 * answer, so whoever looks best to everybody at once would be swamped before they learn of it; and
 * it costs O(1), or O(log n) with unequal weights. An endpoint of which nothing is known is taken
 * whenever it is drawn idle, and then gets one request at a time until its first answer.
 */
import { createPairPicker } from "../pair-picker.ts";
import { fadedLatencyUs } from "../peak-ewma.ts";
import type { EndpointFacts, Policy } from "../policy.ts";

/** Settings of `leastTime`. */
export interface LeastTimeSettings {
  /** Above zero: the time in which an old average loses 63 % of its say. 10,000 suits most. */
  readonly decayMs: number;
}

/** Above any real estimate: nothing known, and its first request is still out. */
const UNKNOWN_AND_BUSY = 1e18;

/** Needs somebody to call `observeLatency` with each answer; without that it evens out in flight. */
export function leastTime({ decayMs }: LeastTimeSettings): Policy {
  return {
    exclusive: false,
    createPicker: (members, facts, random) =>
      createPairPicker(members, facts, random, (slot, nowMs) =>
        estimate(facts, slot, nowMs, decayMs),
      ),
  };
}

function estimate(facts: EndpointFacts, slot: number, nowMs: number, decayMs: number): number {
  const inFlight = facts.inFlight[slot]!;
  const load = (inFlight + 1) / facts.weight[slot]!;
  const known = facts.latencyUs[slot]!;
  if (known === 0) return inFlight === 0 ? 0 : UNKNOWN_AND_BUSY * load;
  return fadedLatencyUs(facts, slot, nowMs, decayMs) * load;
}
