/** How endpoints are checked, and how their answers to real requests are judged. */
import { z } from "zod";
import {
  anyText,
  count,
  duration,
  headerName,
  headerValue,
  hostField,
  percent,
  requestTarget,
  someText,
} from "./scalars.ts";
import { isMap, map, off, oneOf, oneOrMany, scalar, textScalar } from "./variants.ts";

/** An inclusive range of statuses. */
export type StatusRange = readonly [from: number, to: number];

/** One status or a range of them. */
export const statusRange = scalar<StatusRange>(
  'a status such as 200, or a range such as "200-399"',
  {
    type: ["integer", "string"],
    "x-type": "status or range",
    pattern: "^[1-5]\\d\\d-[1-5]\\d\\d$",
  },
  (value) => {
    const found = /^([1-5]\d\d)(?:-([1-5]\d\d))?$/.exec(String(value));
    if (!found) return undefined;
    const from = Number(found[1]);
    const to = Number(found[2] ?? found[1]);
    return from <= to ? [from, to] : undefined;
  },
);

const schedule = {
  port: count(1, 65_535).optional().describe("Checks this port. Default: the endpoint's own."),
  interval: duration.prefault("5s").describe("From one check to the next."),
  timeout: duration
    .optional()
    .describe(
      "A check that takes longer has failed. Default: 2s, or `interval` where that is shorter.",
    ),
  unhealthy_threshold: count(1, 1_000)
    .prefault(2)
    .describe("Failed checks in a row that make an endpoint unhealthy."),
  healthy_threshold: count(1, 1_000)
    .prefault(2)
    .describe("Passed checks in a row that make it healthy again. A new endpoint needs one."),
  fast_interval: duration
    .prefault("1s")
    .describe("The interval while a threshold is being counted; never above `interval`."),
  jitter: percent(0, 100)
    .prefault("10%")
    .describe(
      "Spreads every interval by up to this share either way, so that checks don't march in step.",
    ),
};

const httpProtocol = textScalar<"http">("one of http, tcp, command", { enum: ["http"] }, (text) =>
  text === "http" ? text : undefined,
);

const http = z.strictObject({
  protocol: httpProtocol.prefault("http").describe("How it asks."),
  path: requestTarget.prefault("/").describe("`http`: what is asked for; may have a query."),
  method: z
    .enum(["GET", "HEAD", "OPTIONS", "POST"])
    .prefault("GET")
    .describe("`http`: the method."),
  host: hostField.optional().describe("`http`: the Host header. Default: the endpoint's address."),
  headers: z
    .record(
      z.string().refine((key) => headerName.safeParse(key).success, "must be a header name"),
      headerValue,
    )
    .prefault({})
    .describe("`http`: further headers."),
  expected_status: oneOrMany(statusRange)
    .prefault("200-399")
    .describe('`http`: statuses that pass: `200`, `"200-399"`, or a list of them.'),
  expected_body: someText
    .optional()
    .describe("`http`: text that must occur in the body's first 256 KiB."),
  ...schedule,
});

const tcp = z.strictObject({
  protocol: z.literal("tcp"),
  send: anyText
    .optional()
    .describe(
      "`tcp`: text sent once the connection stands. Default: nothing, connecting is enough.",
    ),
  expect: someText.optional().describe("`tcp`: text that must occur in what comes back."),
  ...schedule,
});

const command = z.strictObject({
  protocol: z.literal("command"),
  command: z
    .array(someText)
    .min(1)
    .describe(
      "`command`: a program and its arguments, run without a shell; `{{host}}` and `{{port}}` are filled in, exit code 0 passes.",
    ),
  ...schedule,
});

function hasProtocol(...protocols: readonly unknown[]): (value: unknown) => boolean {
  return (value) => isMap(value) && protocols.includes(value["protocol"]);
}

/** One check with its settings. */
export type HealthCheckConfig =
  | z.output<typeof http>
  | z.output<typeof tcp>
  | z.output<typeof command>;

/** A check; `protocol` decides which keys there are. */
export const healthCheck = oneOf<HealthCheckConfig | undefined>(
  "must be off or a map such as { path: /healthz }",
  off<HealthCheckConfig | undefined>(undefined),
  { applies: (value) => isMap(value) && !hasProtocol("tcp", "command")(value), schema: http },
  { applies: hasProtocol("tcp"), schema: tcp },
  { applies: hasProtocol("command"), schema: command },
);

const longEjection = z.strictObject({
  consecutive_failures: count(1, 1_000_000).prefault(5).describe("Failures in a row that eject."),
  failure_ratio: percent(1, 100)
    .prefault("50%")
    .describe("Ejects when at least this share of the attempts within `window` failed."),
  min_requests: count(1, 1_000_000)
    .prefault(20)
    .describe("Attempts within `window` before `failure_ratio` counts."),
  window: duration.prefault("10s").describe("How far back `failure_ratio` looks."),
  base: duration
    .prefault("10s")
    .describe(
      "How long the first time out lasts; each further one in a row lasts that much longer.",
    ),
  max: duration.prefault("5m").describe("The longest time out."),
  max_ejected: percent(0, 100)
    .prefault("50%")
    .describe(
      "Share of an upstream's endpoints that may be ejected at once; the last one never is.",
    ),
});

/** Passive ejection as written; undefined for `off`. */
export type EjectionConfig = z.output<typeof longEjection> | undefined;

/** `off` or a map. */
export const ejection = oneOf<EjectionConfig>(
  "must be off or a map",
  off<EjectionConfig>(undefined),
  map(longEjection),
);

const longSlowStart = z.strictObject({
  window: duration.describe("How long the full weight takes."),
  min_percent: percent(1, 100).prefault("10%").describe("Share of the weight to begin with."),
});

/** `off`, a duration or a map. */
export const slowStart = oneOf<z.output<typeof longSlowStart> | undefined>(
  'must be off, a duration such as "30s", or a map with window and min_percent',
  off<z.output<typeof longSlowStart> | undefined>(undefined),
  {
    applies: (value) => typeof value === "string",
    schema: duration.transform((window) => ({ window, min_percent: 10 })),
  },
  map(longSlowStart),
);
