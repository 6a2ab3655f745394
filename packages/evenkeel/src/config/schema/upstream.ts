/** An upstream: a named group of endpoints, how one is chosen and what happens when they fail. */
import { z } from "zod";
import { balance } from "./balance.ts";
import { circuitBreaker, retryBudget } from "./circuit-breaker.ts";
import { ejection, healthCheck, slowStart } from "./health-check.ts";
import { metricHealth } from "./metric-health.ts";
import {
  count,
  countOrOff,
  duration,
  durationOrOff,
  originAddress,
  percent,
  size,
} from "./scalars.ts";
import { sticky } from "./sticky.ts";
import { map, off, oneOf, oneOrMany, text } from "./variants.ts";

const longEndpoint = z.strictObject({
  address: originAddress.describe(
    "`host:port`. A name is looked up by the operating system at every connect.",
  ),
  weight: count(0, 65_535)
    .prefault(1)
    .describe("Share of the requests against the others'; 0 takes no new clients."),
  backup: z.boolean().prefault(false).describe("Used only while no other endpoint is available."),
  max_conns: countOrOff
    .optional()
    .describe(
      "Requests at once, over all workers; more wait in `queue`. Default: the upstream's `max_conns`.",
    ),
  max_fails: count(0, 1_000_000)
    .optional()
    .describe(
      "As nginx means it: failures within `fail_timeout` that take it out for `fail_timeout`; 0 never. Where neither is written, `ejection` judges. Default with `fail_timeout`: 1.",
    ),
  fail_timeout: duration.optional().describe("See `max_fails`. Default with `max_fails`: 10s."),
});

/** One endpoint's settings. */
export type EndpointConfig = z.output<typeof longEndpoint>;

const endpoint = oneOf<EndpointConfig>(
  'must be an address such as "10.0.0.1:8080", or a map with address',
  text(
    originAddress.transform((address): EndpointConfig => ({ address, weight: 1, backup: false })),
  ),
  map(longEndpoint),
);

const longQueue = z.strictObject({
  max: count(0, 1_000_000)
    .prefault(100)
    .describe("Requests that may wait, over all workers; more get 503. 0: nobody waits."),
  timeout: duration.prefault("5s").describe("How long a request waits before it gets 503."),
});

const queue = oneOf<z.output<typeof longQueue>>(
  "must be off or a map",
  off(longQueue.parse({ max: 0 })),
  map(longQueue),
);

const pool = z.strictObject({
  max_idle: count(0, 65_535)
    .prefault(64)
    .describe("Idle connections kept, per worker and endpoint."),
  idle_timeout: duration
    .prefault("4s")
    .describe(
      "When an idle connection is closed. Below the origin's own timeout, or requests meet closing connections; Node closes after 5 s.",
    ),
  max_requests: countOrOff
    .prefault("off")
    .describe("Requests on one connection before it is closed."),
});

const upstreamLimits = z.strictObject({
  response_headers: size.prefault("64KiB").describe("Bytes of an answer's header section (502)."),
  response_header_count: count(1, 10_000)
    .prefault(200)
    .describe("Header fields in an answer (502)."),
});

const panicThreshold = oneOf<number>(
  'must be a percentage from "0%" to "100%", or off',
  off(0),
  text(percent(0, 100)),
);

/** One upstream. Rules that span several keys are in `rules`. */
export const upstream = z.strictObject({
  balance: balance
    .prefault("round_robin")
    .describe(
      "`round_robin`, `random`, `least_conn`, `two_choices`, `least_time`, `ip_hash`, `hash` or `first`, or a map with `policy` and its settings. The default is the sequence nginx users know, which can be predicted and tested; `two_choices` is better where answers take unequal time.",
    ),
  endpoints: oneOrMany(endpoint, 0)
    .prefault([])
    .describe("Addresses, or maps with `address` and settings."),
  max_conns: countOrOff.prefault("off").describe("Default `max_conns` of its endpoints."),
  health_check: healthCheck
    .optional()
    .describe(
      "Asks every endpoint at an interval. A new endpoint waits for its first pass. `off` is the default.",
    ),
  ejection: ejection
    .prefault({})
    .describe("Takes endpoints out whose answers to real requests fail. `off` or a map."),
  metric_health: metricHealth
    .prefault([])
    .describe("What signals do to endpoints: lower their weight, or eject them. See signals.md."),
  slow_start: slowStart
    .optional()
    .describe(
      "Builds up the traffic of new and recovered endpoints: a duration, or a map; `off` is the default.",
    ),
  sticky: sticky
    .optional()
    .describe(
      "Binds a client to its endpoint with a signed cookie: the cookie's name, or a map; `off` is the default.",
    ),
  queue: queue
    .prefault({})
    .describe(
      "Where requests wait while every endpoint is at its `max_conns`; `off`: nobody waits.",
    ),
  hold: durationOrOff
    .prefault("off")
    .describe(
      "Keeps requests waiting this long while no endpoint is available, so that a restart looks like a slow answer.",
    ),
  circuit_breaker: circuitBreaker
    .prefault({})
    .describe(
      "Bounds what the upstream may get at once, and stops asking it while it fails; `off`: no bound.",
    ),
  retry_budget: retryBudget
    .prefault({})
    .describe(
      "Bounds retries within the last 10 s, so that they can't multiply an outage: at most `percent` of the requests in that time, at least `min`; `off`: no bound.",
    ),
  pool: pool.prefault({}).describe("Connections to endpoints kept for the next request."),
  panic_threshold: panicThreshold
    .prefault("50%")
    .describe(
      "Below this share of available endpoints those that were judged bad get traffic, too: judging most of them dead is likelier a mistake. `off`: never.",
    ),
  failure_statuses: oneOrMany(count(400, 599))
    .prefault([502, 503, 504])
    .describe(
      "Statuses that count against an endpoint in `ejection`, `max_fails` and the breaker. 500 is not among them: it speaks about one request more often than about the instance.",
    ),
  limits: upstreamLimits.prefault({}).describe("Bounds on what an origin may answer."),
});

/** One upstream's settings. */
export type UpstreamConfig = z.output<typeof upstream>;
