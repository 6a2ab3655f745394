/** A recovery plan. */
import { z } from "zod";
import { condition } from "./condition.ts";
import { countInTime, step } from "./plan-steps.ts";
import { count, duration, durationOrOff, name, percent, someText } from "./scalars.ts";
import { map, number, oneOf, oneOrMany, text } from "./variants.ts";
import type { Condition } from "../../expression/expression.ts";

/** What plans may do by themselves, from least to most. */
export const planModes = ["off", "dry_run", "approve", "auto"] as const;

const alertTrigger = z.strictObject({
  alert: someText.describe("The alert's name."),
  labels: z
    .record(z.string(), someText)
    .prefault({})
    .describe("Labels that must be equal; the alert may have more."),
});

/** A condition, or an alert that fires. */
export type TriggerConfig = Condition | z.output<typeof alertTrigger>;

const trigger = oneOf<TriggerConfig>(
  'must be a condition such as "cpu_usage > 90% for 5m", or a map such as { alert: HighLatency }',
  text<TriggerConfig>(condition),
  map<TriggerConfig>(alertTrigger),
);

const maxUnavailable = oneOf<{ readonly count: number } | { readonly percent: number }>(
  'must be a whole number of at least 1, or a percentage such as "50%"',
  number(count(1, 65_535).transform((count) => ({ count }))),
  text(percent(1, 100).transform((percent) => ({ percent }))),
);

const limits = z.strictObject({
  max_attempts: count(1, 100)
    .prefault(3)
    .describe("Runs within one incident; after them a person is called."),
  cooldown: durationOrOff
    .prefault("1m")
    .describe("After a run the plan leaves the same object alone for so long."),
  grace: durationOrOff
    .prefault("10s")
    .describe(
      "After the last step, signals are not judged for so long; an incident is over when its trigger stayed false for as long.",
    ),
  verify_within: duration
    .prefault("1m")
    .describe("After that the trigger must have ended within so long, or the run has failed."),
  max_concurrent: count(1, 1000).prefault(1).describe("Runs of the plan at once."),
  max_unavailable: maxUnavailable
    .prefault("50%")
    .describe(
      "How much of the upstream or process may be out at once, counting everything that is out for whatever reason; a number or a share, which is rounded down to no less than one.",
    ),
  rate: countInTime
    .prefault("10 in 1h")
    .describe("Runs of the plan within a time, kept over restarts; beyond it a person is called."),
});

/** One plan as written. */
export const planSchema = z.strictObject({
  trigger: trigger.describe(
    "A condition over signals, or `{ alert: NAME, labels: { } }`. Signals that name nothing are those of the first target below, each of its instances by itself.",
  ),
  steps: z.array(step).min(1).describe("What is done, one after another."),
  on_failure: oneOrMany(name, 0)
    .prefault([])
    .describe(
      "Who is called when it did not help or must not act: names of receivers, or `escalate_to_pagerduty` for all of a kind. Default: as `alerts` routes pages.",
    ),
  on_success: oneOrMany(name, 0)
    .prefault([])
    .describe(
      "Who is told afterwards, quietly, that it was healed and nobody was needed: receivers that wake nobody. Default: it stands in the incident and the log.",
    ),
  mode: z
    .enum(planModes)
    .prefault("auto")
    .describe(
      "`auto` acts, `approve` asks a person first, `dry_run` says what it would do, `off` does not look. `recovery.mode` bounds it.",
    ),
  limits: limits.prefault({}).describe("How much it may do."),
  proven_within_days: count(1, 3650)
    .prefault(30)
    .describe("`status` names the plan when no drill has proved it for so many days."),
});

/** The same, checked. */
export type PlanConfig = z.output<typeof planSchema>;
