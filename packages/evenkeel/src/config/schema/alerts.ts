/** Alert rules and who is told. */
import { z } from "zod";

/** The section as written. */
export const alertsSchema = z.strictObject({});

/** The same, checked. */
export type AlertsConfig = z.output<typeof alertsSchema>;
