/** A route: which requests it takes, what it does with them. */
import { z } from "zod";
import { headerChanges } from "./header-changes.ts";
import { matchKeys } from "./match.ts";
import { rateLimit } from "./rate-limit.ts";
import { redirect, respond, rewrite } from "./actions.ts";
import { retry } from "./retry.ts";
import { parseDuration } from "../../lib/duration.ts";
import { durationOrOff, name, network, someText } from "./scalars.ts";
import { routeLimitsMap, routeTimeoutsMap } from "./timeouts.ts";
import { map, off, oneOf, oneOrMany, textScalar } from "./variants.ts";

const hedgeDelay = textScalar(
  'a duration such as "20ms", or a percentile from p50 to p99',
  {
    "x-type": "duration or percentile",
    pattern: "^([0-9]+(\\.[0-9]+)?(ms|s|m|h|d))+$|^p[5-9][0-9]$",
    examples: ["20ms", "p95"],
  },
  (text) => {
    const percentile = /^p([5-9]\d)$/.exec(text)?.[1];
    if (percentile !== undefined) return { afterMs: 0, percentile: Number(percentile) };
    const afterMs = parseDuration(text);
    return afterMs ? { afterMs, percentile: 0 } : undefined;
  },
);

const longHedge = z.strictObject({
  after: hedgeDelay.describe(
    "Another attempt starts when there is no answer's head for this long: a duration, or the percentile of the upstream's recent answers that it is taken from, `p50` to `p99`.",
  ),
});

const hedge = oneOf<z.output<typeof longHedge> | undefined>(
  "must be off or a map such as { after: 20ms }",
  off<z.output<typeof longHedge> | undefined>(undefined),
  map(longHedge),
);

/** One route. Rules that span several keys are in `routeRules`. */
export const route = z.strictObject({
  name: name
    .optional()
    .describe("What logs and metrics call it. Default: made of methods, host and path."),
  listener: oneOrMany(someText)
    .optional()
    .describe("Listener or listeners it serves. Default: all."),
  ...matchKeys,
  upstream: someText
    .optional()
    .describe(
      "Forwards to this upstream. A route has exactly one of `upstream`, `redirect` and `respond`.",
    ),
  redirect: redirect.optional().describe("Answers with a redirect."),
  respond: respond.optional().describe("Answers by itself."),
  rewrite: rewrite.optional().describe("Changes what the origin is asked for."),
  request_headers: headerChanges.optional().describe("Header changes towards the origin."),
  response_headers: headerChanges.optional().describe("Header changes towards the client."),
  timeout: durationOrOff.optional().describe("Short for `timeouts.total`."),
  timeouts: routeTimeoutsMap
    .prefault({})
    .describe("Overrides `timeouts` at the top for this route."),
  retry: retry
    .prefault({})
    .describe("When another endpoint is tried; `off`, or a number of further attempts, or a map."),
  hedge: hedge
    .optional()
    .describe(
      "Sends a slow idempotent request to another endpoint too and takes the first answer; `off` is the default.",
    ),
  limits: routeLimitsMap.prefault({}).describe("Overrides `limits` at the top for this route."),
  allow: oneOrMany(network)
    .optional()
    .describe("Networks that may use it; everybody else gets 403."),
  deny: oneOrMany(network)
    .optional()
    .describe("Networks that get 403. The longest matching network decides; of equal ones `deny`."),
  rate_limit: rateLimit
    .optional()
    .describe("Bounds how often it may be used (429 with `Retry-After`); `off` is the default."),
});

/** One route's settings. */
export type RouteConfig = z.output<typeof route>;
