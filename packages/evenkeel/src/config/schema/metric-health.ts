/** What signals do to the endpoints of an upstream. */
import { z } from "zod";
import { condition } from "./condition.ts";
import { count, duration, percent } from "./scalars.ts";
import { oneOrMany } from "./variants.ts";

const step = z.strictObject({
  weight: percent(1, 99)
    .optional()
    .describe("What is left of the weight while the condition holds. Or `eject`."),
  eject: duration
    .optional()
    .describe(
      "Takes it out for so long (at most an hour), within the floors of `ejection`: never the last one, never more than `max_ejected`. Or `weight`.",
    ),
  step: percent(1, 100)
    .prefault("5%")
    .describe("`weight`: how much it gets back each second once the condition has ended."),
});

const rule = z.strictObject({
  when: condition.describe(
    "Judged for each endpoint by itself; signals that name nothing are its own.",
  ),
  min_requests: count(0, 1_000_000)
    .prefault(50)
    .describe(
      "With fewer requests of the endpoint within the last 10 s it is not judged; what was lowered comes back. 0: always judged.",
    ),
  // oxlint-disable-next-line no-thenable -- a key of the file, not a function
  then: step.describe("What follows: `{ weight: 25% }` or `{ eject: 30s }`."),
});

/** Rules in order; the lowest weight of those that hold counts. */
export const metricHealth = oneOrMany(rule, 0);

/** One rule, checked. */
export type MetricHealthConfig = z.output<typeof rule>;
