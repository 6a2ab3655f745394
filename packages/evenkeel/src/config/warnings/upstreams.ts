/** Upstreams that can't do what they say. */
import type { Config } from "../config.ts";
import type { Problem } from "../problem.ts";
import type { UpstreamConfig } from "../schema/upstream.ts";
import { isWritten } from "../source/is-written.ts";
import type { Path, Source } from "../source/source.ts";

type Warn = (key: Path, rule: string) => void;

/** All upstreams, in order. */
export function warnOfUpstreams(config: Config, source: Source): Problem[] {
  const used = new Set(config.routes.map(({ upstream }) => upstream));
  const problems: Problem[] = [];
  for (const [name, upstream] of Object.entries(config.upstreams)) {
    const path = ["upstreams", name];
    const warn: Warn = (key, rule) =>
      problems.push(source.problemAt([...path, ...key], rule, { atKey: key.length === 0 }));
    if (!used.has(name)) warn([], "no route uses this upstream");
    // Instances come beside what the file names: nothing can be said of how many there are.
    const isFed = Object.values(config.processes).some((process) => process.upstream === name);
    if (!isFed) warnOfEndpoints(upstream, warn);
    warnOfPolicy(upstream, warn);
    warnOfHealth(upstream, warn, isFed);
    warnOfWaiting(upstream, warn);
    if (isWritten(source, [...path, "queue"])) warnOfQueue(upstream, warn);
  }
  return problems;
}

function warnOfEndpoints({ endpoints }: UpstreamConfig, warn: Warn): void {
  if (endpoints.length === 0) {
    warn([], "has no endpoints: every request to it gets 503");
    return;
  }
  if (endpoints.every(({ weight }) => weight === 0)) {
    warn(["endpoints"], "all weights are 0: no endpoint takes new clients");
  }
  if (endpoints.every(({ backup }) => backup)) {
    warn(["endpoints"], "all endpoints are backups: there is none they could stand in for");
  }
  const [lone] = endpoints;
  if (endpoints.length === 1 && (lone?.max_fails || lone?.fail_timeout)) {
    warn(["endpoints", 0], "max_fails and fail_timeout have no effect on the only endpoint");
  }
  endpoints.forEach(({ max_fails: fails, fail_timeout: timeout }, at) => {
    if (fails === 0 && timeout !== undefined) {
      warn(["endpoints", at, "fail_timeout"], "has no effect while max_fails is 0");
    }
  });
}

const hashing: readonly string[] = ["ip_hash", "hash", "random"];

function warnOfPolicy({ balance, endpoints, sticky }: UpstreamConfig, warn: Warn): void {
  const backup = endpoints.findIndex((endpoint) => endpoint.backup);
  if (backup >= 0 && hashing.includes(balance.policy)) {
    const rule = `nginx refuses backups with ${balance.policy}: clients move to other endpoints when it steps in`;
    warn(["endpoints", backup, "backup"], rule);
  }
  if (sticky && (balance.policy === "ip_hash" || balance.policy === "hash")) {
    warn(["sticky"], `binds clients that ${balance.policy} binds already`);
  }
  const weights = new Set(endpoints.map(({ weight }) => weight));
  if (balance.policy === "first" && weights.size > 1) {
    warn(["balance"], "first takes endpoints in their order: weights don't matter to it");
  }
}

function warnOfHealth(
  { health_check: check, slow_start, endpoints }: UpstreamConfig,
  warn: Warn,
  isFed: boolean,
): void {
  if (slow_start && endpoints.length === 1 && !isFed) {
    warn(["slow_start"], "has no effect on the only endpoint: all traffic goes there anyway");
  }
  if (!check) return;
  if (check.timeout !== undefined && check.timeout > check.interval) {
    warn(["health_check", "timeout"], "is longer than the interval between two checks");
  }
  if (check.protocol === "http" && check.method === "HEAD" && check.expected_body !== undefined) {
    warn(["health_check", "expected_body"], "can't be found: answers to HEAD have no body");
  }
}

/** `queue: off` needs no reason. */
function warnOfQueue({ queue, max_conns: usual, endpoints }: UpstreamConfig, warn: Warn): void {
  if (queue.max === 0 || usual > 0) return;
  if (endpoints.some(({ max_conns: own }) => own !== undefined && own > 0)) return;
  warn(["queue"], "has no effect: requests wait for room, and without max_conns there always is");
}

function warnOfWaiting(
  { hold, queue, circuit_breaker: breaker }: UpstreamConfig,
  warn: Warn,
): void {
  if (breaker.max_pending > 0 && breaker.max_pending < queue.max && queue.max !== 100) {
    warn(
      ["queue", "max"],
      `is never reached: circuit_breaker.max_pending is ${breaker.max_pending}`,
    );
  }
  if (breaker.max_requests > 0 && breaker.max_connections > breaker.max_requests) {
    warn(["circuit_breaker", "max_connections"], "is never reached: max_requests is lower");
  }
  if (hold > 60_000) warn(["hold"], "few clients wait longer than a minute");
}
