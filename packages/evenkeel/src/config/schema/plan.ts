/** A recovery plan. */
import { z } from "zod";

/** One plan as written. */
export const planSchema = z.strictObject({});

/** The same, checked. */
export type PlanConfig = z.output<typeof planSchema>;
