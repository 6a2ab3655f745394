/** What holds for all recovery plans. */
import { z } from "zod";
import { planModes } from "./plan.ts";
import { countInTime } from "./plan-steps.ts";
import { percent } from "./scalars.ts";

/** The section as written. */
export const recoverySchema = z.strictObject({
  mode: z
    .enum(planModes)
    .prefault("auto")
    .describe("The most that any plan may do, whatever its own `mode` says."),
  freeze_after: countInTime
    .prefault("5 in 10m")
    .describe(
      "So many runs of all plans together within a time: no plan begins another, and a person is called once.",
    ),
  freeze_below: percent(0, 100)
    .prefault("50%")
    .describe(
      "The same where less than this share of a process or upstream of several is left: that is more than plans can mend.",
    ),
});

/** The same, checked. */
export type RecoveryConfig = z.output<typeof recoverySchema>;
