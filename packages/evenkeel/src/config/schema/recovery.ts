/** What holds for all recovery plans. */
import { z } from "zod";

/** The section as written. */
export const recoverySchema = z.strictObject({});

/** The same, checked. */
export type RecoveryConfig = z.output<typeof recoverySchema>;
