/** The whole file. */
import { z } from "zod";
import { alertsSchema } from "./alerts.ts";
import { drillSchema } from "./drill.ts";
import { listener } from "./listener.ts";
import { planSchema } from "./plan.ts";
import { processSchema } from "./process.ts";
import { prometheusSchema } from "./prometheus.ts";
import { recoverySchema } from "./recovery.ts";
import { route } from "./route.ts";
import { bindAddress, count, duration, nameKey, network, someText } from "./scalars.ts";
import { topLimits, topTimeouts } from "./timeouts.ts";
import { upstream } from "./upstream.ts";
import { map, number, off, oneOf, oneOrMany, textScalar } from "./variants.ts";
import { capacity } from "../../board/board.ts";

const admin = z.strictObject({
  bind: bindAddress
    .prefault("127.0.0.1:9900")
    .describe("Address of status, metrics and commands. Beyond loopback a token is required."),
  token: someText
    .optional()
    .describe("Sent by clients as `Authorization: Bearer …`. Prefer `token_file` or `${NAME}`."),
  token_file: someText.optional().describe("File with the token, relative to this file."),
});

const accessLog = z.strictObject({
  format: z
    .enum(["json", "combined"])
    .prefault("json")
    .describe("`combined` is the format of Apache and nginx."),
  path: someText
    .prefault("stdout")
    .describe("`stdout`, or a file relative to this file; reopened on SIGUSR1."),
});

/** An access log's settings; undefined for none. */
export type AccessLogConfig = z.output<typeof accessLog> | undefined;

const history = z.strictObject({
  keep_days: count(1, 3650)
    .prefault(90)
    .describe("Days that resolved incidents and finished operations are kept."),
  keep_incidents: count(10, 1_000_000).prefault(10_000).describe("Incidents kept at most."),
});

const workers = oneOf<number | "auto">(
  "must be auto or a whole number",
  { applies: (value) => value === "auto", schema: z.literal("auto") },
  number(count(1, capacity.workers)),
);

const logLevel = z.enum(["debug", "info", "warn", "error"]).prefault("info");
const viaName = textScalar("a word of letters, digits, - _ and .", { "x-type": "text" }, (text) =>
  /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/.test(text) ? text : undefined,
);

/** Everything a configuration file may say. */
export const root = z.strictObject({
  listeners: z
    .record(nameKey, listener)
    .prefault({})
    .describe("Where clients connect: name to address, or to a map."),
  routes: z
    .array(route)
    .prefault([])
    .describe("Which request goes where. The most specific route wins, whatever the order."),
  upstreams: z.record(nameKey, upstream).prefault({}).describe("Named groups of endpoints."),
  processes: z
    .record(nameKey, processSchema)
    .prefault({})
    .describe(
      "Programs that Evenkeel runs: starts, watches, restarts, replaces without an outage.",
    ),
  recovery_plans: z
    .record(nameKey, planSchema)
    .prefault({})
    .describe("What is done by itself when something is wrong, and who is called when it failed."),
  recovery: recoverySchema.prefault({}).describe("What holds for all recovery plans."),
  alerts: alertsSchema.prefault({}).describe("Alert rules and who is told."),
  drills: z
    .record(nameKey, drillSchema)
    .prefault({})
    .describe("Faults on purpose, to see whether what should heal heals."),
  prometheus: prometheusSchema
    .optional()
    .describe("A Prometheus that conditions may ask with `prometheus(...)`."),
  state_dir: someText
    .prefault(".evenkeel")
    .describe(
      "Folder for what must outlive the program: ledger, incidents, instances and their logs; relative to this file. Made when first needed.",
    ),
  history: history.prefault({}).describe("How long incidents and finished operations are kept."),
  admin: admin.prefault({}).describe("Status, metrics and commands."),
  workers: workers
    .prefault("auto")
    .describe(
      `Threads that serve traffic; \`auto\` is one per core. Up to ${capacity.workers}. Changing it needs a restart.`,
    ),
  timeouts: topTimeouts.prefault({}).describe("Defaults for listeners and routes."),
  limits: topLimits.prefault({}).describe("Defaults for listeners and routes."),
  trusted_proxies: oneOrMany(network, 0)
    .prefault([])
    .describe(
      "Default of the listeners' `trusted_proxies`: networks whose forwarded headers are believed.",
    ),
  access_log: oneOf<AccessLogConfig>(
    "must be off, or a map such as { format: json }",
    off<AccessLogConfig>(undefined),
    map(accessLog),
  )
    .prefault("off")
    .describe("One line per request: `off`, or a map."),
  log: z
    .strictObject({ level: logLevel.describe("The least important lines that are still written.") })
    .prefault({})
    .describe("What Evenkeel says about itself."),
  shutdown: z
    .strictObject({
      grace: duration
        .prefault("30s")
        .describe("How long requests in flight may take to finish after SIGTERM."),
    })
    .prefault({})
    .describe("How it ends."),
  via_name: viaName
    .optional()
    .describe(
      "Its name in `Via`, by which it knows its own loops: unique among balancers behind each other. Default: made anew at each start.",
    ),
  service_name: someText
    .prefault("evenkeel")
    .describe("`service_name` in every line of the JSON access log and of Evenkeel's own."),
  sticky_secret: someText
    .optional()
    .describe(
      "Signs sticky cookies. Default: made anew at each start, which ends all bindings. Prefer `sticky_secret_file` or `${NAME}`.",
    ),
  sticky_secret_file: someText.optional().describe("File with that secret, relative to this file."),
});

/** A whole configuration as zod gives it: durations in milliseconds, sizes in bytes, 0 for off. */
export type RootConfig = z.output<typeof root>;
