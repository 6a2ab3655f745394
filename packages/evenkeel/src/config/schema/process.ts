/** A program that Evenkeel runs. */
import { z } from "zod";

/** One process as written. */
export const processSchema = z.strictObject({});

/** The same, checked. */
export type ProcessConfig = z.output<typeof processSchema>;
