/**
 * The rules a route's requests are carried out by, compiled. Routes mostly leave them at their
 * defaults, so equal ones are shared: ten thousand routes then read the same few cache lines.
 */
import type { HedgeSnapshot, RouteSnapshot, RouteTimeouts } from "../../snapshot/snapshot.ts";
import type { RetryRule } from "../exchange/retry.ts";

const STATUSES = 600;

/** See the file's head. Bytes and milliseconds; 0 for no limit. */
export interface RouteRules {
  readonly bodyBytes: number;
  readonly uriBytes: number;
  readonly timeouts: RouteTimeouts;
  /** Bound of one attempt to its answer's head. */
  readonly firstByteMs: number;
  readonly retry: RetryRule;
  readonly nonIdempotent: boolean;
  readonly replayBytes: number;
  readonly answerBytes: number;
  readonly hedge: HedgeSnapshot | undefined;
  retriesStatus(status: number): boolean;
}

/** Gives the rules of routes; equal settings give the same object for as long as the pool lives. */
export function createRulesPool(): (route: RouteSnapshot) => RouteRules {
  const known = new Map<string, RouteRules>();
  let last: { readonly route: RouteSnapshot; readonly rules: RouteRules } | undefined;
  return (route) => {
    // Control shares equal parts, so this is nearly always the answer.
    if (last !== undefined && hasPartsOf(last.route, route)) return last.rules;
    const key = JSON.stringify([route.timeouts, route.retry, route.hedge, route.limits]);
    let rules = known.get(key);
    if (rules === undefined) {
      rules = compileRules(route);
      known.set(key, rules);
    }
    last = { route, rules };
    return rules;
  };
}

function hasPartsOf(one: RouteSnapshot, other: RouteSnapshot): boolean {
  return (
    one.timeouts === other.timeouts &&
    one.retry === other.retry &&
    one.hedge === other.hedge &&
    one.limits === other.limits
  );
}

function compileRules({ timeouts, retry, hedge, limits }: RouteSnapshot): RouteRules {
  const statuses = new Uint8Array(STATUSES);
  for (const condition of retry.on) {
    const status = Number(condition);
    if (Number.isInteger(status)) statuses[status] = 1;
  }
  const { attemptMs } = retry;
  const first = timeouts.firstByteMs;
  return {
    bodyBytes: limits.bodyBytes,
    uriBytes: limits.uriBytes,
    timeouts,
    firstByteMs: attemptMs > 0 && (first === 0 || attemptMs < first) ? attemptMs : first,
    retry: {
      attempts: retry.attempts,
      onConnectFailure: retry.on.includes("connect_failure"),
      onReset: retry.on.includes("reset"),
      onTimeout: retry.on.includes("timeout"),
    },
    nonIdempotent: retry.nonIdempotent,
    replayBytes: retry.replayBytes,
    answerBytes: retry.attempts > 0 && retry.on.includes("reset") ? retry.answerBytes : 0,
    hedge,
    retriesStatus: (status) => statuses[status] === 1,
  };
}
