/**
 * The result of a run as it is written to a file, read again to compare, and shown. Its words are a
 * contract (docs/load-testing.md): what changes their meaning changes `version`.
 */
import { z } from "zod";

import { failureKinds } from "./failure-kind.ts";

/** The version that is written, and the only one that is read. */
export const resultVersion = 1;

const count = z.number().int().nonnegative();
const amount = z.number().nonnegative();

const errors = z.strictObject({
  ...(Object.fromEntries(failureKinds.map((kind) => [kind, count])) as Record<
    (typeof failureKinds)[number],
    typeof count
  >),
  total: count,
  /** Percent of all requests. */
  percent: amount,
});

const latency = z.strictObject({
  p50: amount,
  p90: amount,
  p99: amount,
  p99_9: amount,
  max: amount,
  mean: amount,
});

const timelineEntry = z.strictObject({
  /** Seconds since the window's start, at the end of the entry. */
  second: z.number(),
  answered: count,
  failed: count,
  p50_us: amount,
  p99_us: amount,
  max_us: amount,
});

const step = z.strictObject({
  /** Requests per second, or connections in a closed loop. */
  load: amount,
  bisected: z.boolean(),
  verdict: z.enum(["met", "missed", "invalid"]),
  reasons: z.array(z.string()),
  cut_short: z.boolean(),
  window_s: amount,
  requests: count,
  answered: count,
  achieved_per_s: amount,
  errors,
  error_reasons: z.array(z.strictObject({ reason: z.string(), count })),
  statuses: z.record(z.string(), count),
  received_bytes: count,
  latency_us: latency,
  /** HdrHistogram V2, compressed, base64; microseconds. */
  histogram: z.string(),
  open_connections: count,
  waited_for_connection: count,
  generator: z.strictObject({
    lag_p99_us: amount,
    lag_max_us: amount,
    threads: z.array(
      z.strictObject({
        cpu_percent: amount,
        /** Ready to run, but others had the processors. */
        cpu_wait_percent: amount,
        /** With something to do; polling does not count. */
        busy_percent: amount,
        loop_delay_p99_ms: amount,
        loop_delay_max_ms: amount,
      }),
    ),
  }),
  timeline: z.array(timelineEntry),
});

const knee = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("found"), load: amount, missed: amount }),
  z.strictObject({ kind: z.literal("at-least"), load: amount }),
  z.strictObject({
    kind: z.literal("generator-limit"),
    load: amount.nullable(),
    invalid: amount,
  }),
  z.strictObject({ kind: z.literal("below"), missed: amount }),
  z.strictObject({ kind: z.literal("none") }),
]);

const settings = z.strictObject({
  url: z.string(),
  address: z.string(),
  method: z.string(),
  /** Names only: values may be secrets. */
  headers: z.array(z.string()),
  body_bytes: count,
  mode: z.enum(["open", "closed"]),
  /** From when a request was due, or from when it was sent. */
  latency_from: z.enum(["due", "sent"]),
  slo: z.string(),
  expect: z.string(),
  warm_up_s: amount,
  settle_s: amount,
  hold_s: amount,
  timeout_s: amount,
  threads: count,
  polling: z.boolean(),
  keep_alive: z.boolean(),
  /** Null in a closed loop. */
  max_connections: count.nullable(),
});

const machine = z.strictObject({
  name: z.string(),
  cpu: z.string(),
  cores: count,
  memory_gib: amount,
  system: z.string(),
  node: z.string(),
});

/** The whole file. */
export const benchResult = z.strictObject({
  format: z.literal("evenkeel-bench"),
  version: z.literal(resultVersion),
  evenkeel: z.string(),
  started_at: z.string(),
  duration_s: amount,
  interrupted: z.boolean(),
  machine,
  settings,
  steps: z.array(step),
  knee,
});

export type BenchResult = z.infer<typeof benchResult>;
export type StepResult = BenchResult["steps"][number];
export type BenchSettings = BenchResult["settings"];
