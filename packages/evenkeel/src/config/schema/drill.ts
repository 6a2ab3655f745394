/** A drill. */
import { z } from "zod";

/** One drill as written. */
export const drillSchema = z.strictObject({});

/** The same, checked. */
export type DrillConfig = z.output<typeof drillSchema>;
