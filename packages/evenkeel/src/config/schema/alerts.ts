/** Alert rules and who is told. */
import { z } from "zod";
import { instant, receiverSchema } from "./alert-receivers.ts";
import { condition } from "./condition.ts";
import { duration, durationOrOff, nameKey, someText } from "./scalars.ts";
import { list, off, oneOf, oneOrMany, text } from "./variants.ts";

const labelName = z
  .string()
  .regex(/^[a-zA-Z_][a-zA-Z0-9_]{0,62}$/, "must be a label: letters, digits and _");

const labels = z.record(labelName, someText).prefault({});

const rule = z.strictObject({
  when: condition.describe("It fires when this is true, apart for each thing it speaks of."),
  severity: z
    .enum(["P0", "P1", "P2"])
    .describe("`P0` calls a person at once, `P1` makes work for the day, `P2` is only recorded."),
  interval: duration
    .optional()
    .describe(
      "How often it is looked at, up to 1m. Default: 15s, or what its condition counts by.",
    ),
  keep_firing: durationOrOff
    .prefault("off")
    .describe("Goes on firing so long after the condition ended, so that it does not flutter."),
  summary: someText
    .optional()
    .describe(
      "What people read; may have `{{value}}`, `{{explanation}}`, `{{upstream}}`, `{{endpoint}}`, `{{route}}`, `{{process}}` and `{{instance}}`. Default: the rule's name, what it is of, and how it stands.",
    ),
  runbook: someText.optional().describe("Where to read what to do; sent along."),
  labels: labels.describe("Further labels, to route and silence by."),
});

/** One rule as written. */
export type AlertRuleConfig = z.output<typeof rule>;

const match = labels.describe(
  "Labels that must be equal, such as `{ severity: P0, upstream: api }`; everything where it is empty.",
);

const groupBy = oneOf<string[] | undefined>(
  "must be off or a list of labels such as [alert, upstream]",
  off<string[] | undefined>(undefined),
  text<string[] | undefined>(someText.transform((label) => [label])),
  list<string[] | undefined>(z.array(someText)),
);

const route = z.strictObject({
  match,
  receivers: oneOrMany(someText, 0).describe("Who is told; nobody where the list is empty."),
  group_by: groupBy
    .prefault(["alert"])
    .describe(
      "Alerts with equal values of these labels are told together; `[]`: all of the route, `off`: each by itself.",
    ),
  group_wait: durationOrOff
    .optional()
    .describe(
      "How long the first alert of a group waits for others. Default: `off` with `severity: P0` in `match`, else 30s.",
    ),
  group_interval: duration
    .prefault("5m")
    .describe("How often a group is looked at after that: news and repeats are told then."),
  repeat: duration
    .prefault("4h")
    .describe("What still fires is told again after so long, unless somebody acknowledged it."),
});

/** One route as written. */
export type AlertRouteConfig = z.output<typeof route>;

const maintenance = z.strictObject({
  name: someText.describe("What it is called."),
  match,
  cron: someText.optional().describe("When it begins: minute, hour, day, month, day of the week."),
  timezone: someText.optional().describe("Of `cron`, such as `Europe/London`. Default: UTC."),
  duration: duration.optional().describe("With `cron`: how long it lasts."),
  from: instant.optional().describe("Once: when it begins."),
  to: instant.optional().describe("Once: when it ends."),
});

/** One window as written. */
export type MaintenanceConfig = z.output<typeof maintenance>;

/** The section as written. */
export const alertsSchema = z.strictObject({
  rules: z.record(nameKey, rule).prefault({}).describe("When an alert fires."),
  receivers: z.record(nameKey, receiverSchema).prefault({}).describe("Who can be told."),
  routes: z
    .array(route)
    .prefault([])
    .describe(
      "Who is told of what: the first that matches. What none matches goes as if there were none: P0 at once to all receivers, P1 in groups to those that do not page, P2 to nobody.",
    ),
  maintenance: z
    .array(maintenance)
    .prefault([])
    .describe("Times in which nothing is sent of what matches."),
});

/** The same, checked. */
export type AlertsConfig = z.output<typeof alertsSchema>;
