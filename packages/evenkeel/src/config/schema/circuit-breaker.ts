/** Bounds on what an upstream may get at once. */
import { z } from "zod";
import { count, countOrOff, duration, percent } from "./scalars.ts";
import { map, off, oneOf } from "./variants.ts";

const longError = z.strictObject({
  ratio: percent(1, 100)
    .prefault("50%")
    .describe(
      "Opens when the attempts that failed within `window`, retried ones included, are at least this share of the requests.",
    ),
  min_requests: count(1, 1_000_000)
    .prefault(20)
    .describe("Requests within `window` before the share counts."),
  window: duration.prefault("10s").describe("How far back it looks."),
  open: duration.prefault("10s").describe("How long every request gets 503 before probing begins."),
  half_open_requests: count(1, 1_000)
    .prefault(3)
    .describe(
      "Requests let through to probe; if all succeed it closes, if one fails it opens again.",
    ),
});

const error = oneOf<z.output<typeof longError> | undefined>(
  "must be off or a map",
  off<z.output<typeof longError> | undefined>(undefined),
  map(longError),
);

const longBreaker = z.strictObject({
  max_connections: countOrOff
    .prefault("off")
    .describe("Connections to all endpoints together. Idle ones make way where others are needed."),
  max_pending: countOrOff.prefault("off").describe("Requests waiting for an endpoint."),
  max_requests: countOrOff.prefault("off").describe("Requests at once."),
  max_retries: countOrOff
    .prefault("off")
    .describe("Retries at once; `retry_budget` usually is the better bound."),
  error: error.optional().describe("Opens by the share of failed attempts; `off` is the default."),
});

/** The breaker; all bounds are over all workers. */
export const circuitBreaker = oneOf<z.output<typeof longBreaker>>(
  "must be off or a map",
  off(longBreaker.parse({})),
  map(longBreaker),
);

const mostRetries = 1_000_000;

const longBudget = z.strictObject({
  percent: percent(0, 100)
    .prefault("20%")
    .describe(
      "Share of the upstream's requests within the last 10 s that its retries within that time may reach, hedges among them. Attempts that add no load are not charged: those after a failed connect or a stale keep-alive connection.",
    ),
  min: count(0, mostRetries)
    .prefault(3)
    .describe("Retries within the last 10 s that are allowed whatever the share says."),
});

/** Retries against requests; `off` allows more than there ever are. */
export const retryBudget = oneOf<z.output<typeof longBudget>>(
  "must be off or a map",
  off(longBudget.parse({ min: mostRetries })),
  map(longBudget),
);
