/** The steps of a recovery plan: `action` decides which keys there are. */
import { z } from "zod";
import { parseDuration } from "../../lib/duration.ts";
import { condition } from "./condition.ts";
import { statusRange } from "./health-check.ts";
import {
  anyText,
  count,
  duration,
  headerName,
  headerValue,
  name,
  requestTarget,
  someText,
} from "./scalars.ts";
import { isMap, oneOf, oneOrMany, scalar, textScalar } from "./variants.ts";

/** A process, an instance, an upstream or an endpoint. */
export const objectName = textScalar(
  "a process, an instance (payment-worker.1), an upstream or an endpoint (api/10.0.0.1:8080)",
  { "x-type": "object", examples: ["payment-worker", "api/10.0.0.1:8080"] },
  (text) => (/^[^\s]{1,200}$/.test(text) ? text : undefined),
);

const target = objectName
  .optional()
  .describe(
    "What it acts on: a process, an instance (`payment-worker.1`), an upstream or an endpoint (`api/10.0.0.1:8080`). Where one part of it fired the trigger, only that part is touched. Default: what fired.",
  );

const common = (timeout: string) => ({
  timeout: duration.prefault(timeout).describe("The longest it may take."),
  retries: count(0, 10).prefault(0).describe("How often it is done again where it failed."),
});

/** What changes something may be verified by a condition. */
const verified = (timeout: string) => ({
  ...common(timeout),
  verify: condition
    .optional()
    .describe(
      "Must become true within `timeout` after the action, or the step has failed. Names that it leaves out are what fired.",
    ),
});

const reversible = (timeout: string) => ({
  ...verified(timeout),
  undo: z
    .boolean()
    .prefault(true)
    .describe(
      "`drain`, `undrain`, `eject`, `set_weight`, `scale`: reverted where the run fails later.",
    ),
});

const change = scalar<{ readonly count: number; readonly exact: boolean }>(
  'a number of instances, or a change such as "+1" or "-1"',
  { type: ["integer", "string"], "x-type": "integer or change", examples: [5, "+1"] },
  (value) => {
    const found = /^([+-]?)(\d{1,4})$/.exec(String(value));
    if (!found || (typeof value !== "number" && typeof value !== "string")) return undefined;
    const [, sign, digits] = found;
    const number = Number(digits);
    // A negative number can only be meant as a change.
    return { count: sign === "-" ? -number : number, exact: sign === "" };
  },
);

const command = z
  .array(someText)
  .min(1)
  .describe(
    "`run`: a program and its arguments, without a shell. Here and in `env`, `url`, `body` and `message`, `{{object}}`, `{{plan}}`, `{{incident}}` and `{{reason}}` are filled in.",
  );

const webAddress = textScalar(
  'an address such as "http://10.0.0.1:8080/flush"',
  { "x-type": "URL", examples: ["http://127.0.0.1:9000/flush"] },
  (text) => (/^https?:\/\/[^\s/]+/.test(text) && URL.canParse(text) ? text : undefined),
);

const pauseLength = duration.describe("`wait`: how long.");

const steps = {
  restart_service: z.strictObject({
    action: z
      .literal("restart_service")
      .describe("What is done; it decides which other keys there are. See the words above.")
      .meta({ "x-type": "one of the words" }),
    target,
    ...verified("60s"),
  }),
  verify_health: z.strictObject({
    action: z.literal("verify_health"),
    target,
    endpoint: requestTarget.describe("`verify_health`: the path that is asked for."),
    expected: oneOrMany(statusRange)
      .prefault("200-399")
      .describe('`verify_health`, `http`: statuses that are fine: `200`, `"200-299"`, or a list.'),
    ...common("30s"),
  }),
  verify: z.strictObject({
    action: z.literal("verify"),
    condition: condition.describe("`verify`: must become true within `timeout`."),
    ...common("60s"),
  }),
  drain: z.strictObject({ action: z.literal("drain"), target, ...reversible("10s") }),
  undrain: z.strictObject({ action: z.literal("undrain"), target, ...reversible("10s") }),
  eject: z.strictObject({ action: z.literal("eject"), target, ...reversible("10s") }),
  set_weight: z.strictObject({
    action: z.literal("set_weight"),
    target,
    weight: count(0, 65_535).describe("`set_weight`: the weight of each endpoint."),
    ...reversible("10s"),
  }),
  scale: z.strictObject({
    action: z.literal("scale"),
    target,
    instances: change.describe("`scale`: so many instances, or so many more or less: `+1`, `-1`."),
    ...reversible("2m"),
  }),
  rollback: z.strictObject({ action: z.literal("rollback"), target, ...verified("2m") }),
  run: z.strictObject({
    action: z.literal("run"),
    command,
    env: z
      .record(z.string().regex(/^[A-Za-z_]\w*$/, "must be a variable's name"), anyText)
      .prefault({})
      .describe("`run`: beside PATH, HOME, LANG, TZ, TMPDIR and EVENKEEL_OBJECT and the like."),
    cwd: someText.prefault(".").describe("`run`: its folder, relative to this file."),
    ...verified("60s"),
  }),
  http: z.strictObject({
    action: z.literal("http"),
    url: webAddress.describe("`http`: what is called."),
    method: z
      .enum(["GET", "POST", "PUT", "PATCH", "DELETE"])
      .prefault("POST")
      .describe("`http`: the method."),
    headers: z
      .record(
        z.string().refine((key) => headerName.safeParse(key).success, "must be a header name"),
        headerValue,
      )
      .prefault({})
      .describe("`http`: headers."),
    body: anyText.prefault("").describe("`http`: the body."),
    expected: oneOrMany(statusRange).prefault("200-299"),
    ...verified("10s"),
  }),
  wait: z.strictObject({ action: z.literal("wait"), for: pauseLength }),
  notify: z.strictObject({
    action: z.literal("notify"),
    receivers: oneOrMany(name).describe(
      "`notify`: who is told: receivers, or `notify_slack` for all of a kind.",
    ),
    message: someText.describe("`notify`: what is said."),
  }),
  approve: z.strictObject({
    action: z.literal("approve"),
    question: someText.describe("`approve`: what a person is asked."),
    otherwise: z
      .enum(["go", "stop"])
      .prefault("stop")
      .describe("`approve`: what silence until `timeout` means."),
    timeout: duration.prefault("30m"),
  }),
} as const;

type Steps = typeof steps;
export type StepAction = keyof Steps;

/** One step as written, with defaults. */
export type StepConfig = { [Action in StepAction]: z.output<Steps[Action]> }[StepAction];

const actions = Object.keys(steps) as StepAction[];

const known = oneOf<StepConfig>(
  "must be a map with an action, such as { action: restart_service }",
  ...actions.map((action) => ({
    applies: (value: unknown) => isMap(value) && value["action"] === action,
    schema: steps[action] as z.ZodType<StepConfig>,
  })),
);

/** A step; an unknown action is told as such, with the one that was probably meant. */
export const step: z.ZodType<StepConfig> = (
  z.unknown().transform((value, context): StepConfig => {
    if (isMap(value) && !actions.some((action) => action === value["action"])) {
      const input = value["action"];
      const message = input === undefined ? "is required" : `must be one of ${actions.join(", ")}`;
      const params = { allowed: actions };
      context.issues.push({ code: "custom", path: ["action"], message, input, params });
      return z.NEVER;
    }
    const result = known.safeParse(value);
    if (result.success) return result.data;
    for (const issue of result.error.issues) context.issues.push(issue as never);
    return z.NEVER;
  }) as unknown as z.ZodType<StepConfig>
).meta(known.meta() ?? {});

/** A count within a time, as people say it: "5 in 10m". */
export const countInTime = textScalar<{ readonly count: number; readonly windowMs: number }>(
  'a count within a time such as "5 in 10m"',
  { "x-type": "count in time", examples: ["5 in 10m"] },
  (text) => {
    const found = /^(\d{1,6})\s+in\s+(\S+)$/.exec(text);
    const windowMs = found && parseDuration(found[2]!);
    return found && windowMs && Number(found[1]) > 0
      ? { count: Number(found[1]), windowMs }
      : undefined;
  },
);
