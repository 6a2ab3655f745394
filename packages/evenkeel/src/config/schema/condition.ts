/** A condition over signals, as plans, alerts, drills and metric health write it. */
import { z } from "zod";
import { parseCondition } from "../../expression/parse.ts";
import type { Condition } from "../../expression/expression.ts";

const rule = 'must be a condition such as "cpu_usage > 90% for 5m"';
const json = {
  type: "string",
  "x-type": "condition",
  examples: ["cpu_usage > 90% for 5m", "p99(api) > 800ms and request_rate(api) > 5/s"],
};

/** Checked down to names, selectors and units; what is wrong is told at its character. */
export const condition: z.ZodType<Condition> = z
  .unknown()
  .transform((value, context): Condition => {
    if (typeof value !== "string") {
      const message = value === undefined ? "is required" : rule;
      context.issues.push({ code: "custom", message, input: value });
      return z.NEVER;
    }
    const parsed = parseCondition(value);
    if (parsed.ok) return parsed.condition;
    const { message, at } = parsed.problem;
    context.issues.push({ code: "custom", message, input: value, params: { at } });
    return z.NEVER;
  })
  .meta(json);
