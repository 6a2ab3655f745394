/** A Prometheus that conditions may ask. */
import { z } from "zod";

/** The section as written. */
export const prometheusSchema = z.strictObject({});

/** The same, checked. */
export type PrometheusConfig = z.output<typeof prometheusSchema>;
