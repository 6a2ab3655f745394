/** How control judges the endpoints of every upstream. */
import type {
  EjectionSettings,
  HealthCheckSettings,
  ProbeSettings,
  UpstreamHealth,
} from "../../snapshot/desired.ts";
import type { UpstreamSnapshot } from "../../snapshot/snapshot.ts";
import type { Config } from "../config.ts";
import type { EjectionConfig, HealthCheckConfig } from "../schema/health-check.ts";

/** One per upstream of the snapshot, in the same order. */
export function toHealth(config: Config, upstreams: readonly UpstreamSnapshot[]): UpstreamHealth[] {
  return upstreams.map((upstream) => {
    const written = config.upstreams[upstream.name]!;
    return {
      upstream: upstream.name,
      slot: upstream.slot,
      // The very same objects, which are cloned once when both go to another thread.
      endpoints: upstream.endpoints,
      check: written.health_check && toCheck(written.health_check),
      ejection: toEjection(written.ejection),
      slowStart: written.slow_start && {
        windowMs: written.slow_start.window,
        minPercent: written.slow_start.min_percent,
      },
      panicPercent: written.panic_threshold,
    };
  });
}

const defaultTimeoutMs = 2_000;

function toCheck(check: HealthCheckConfig): HealthCheckSettings {
  return {
    probe: toProbe(check),
    port: check.port,
    intervalMs: check.interval,
    fastIntervalMs: Math.min(check.fast_interval, check.interval),
    timeoutMs: check.timeout ?? Math.min(defaultTimeoutMs, check.interval),
    healthyThreshold: check.healthy_threshold,
    unhealthyThreshold: check.unhealthy_threshold,
    jitterPercent: check.jitter,
  };
}

function toProbe(check: HealthCheckConfig): ProbeSettings {
  if (check.protocol === "tcp") {
    return { protocol: "tcp", send: check.send, expect: check.expect };
  }
  if (check.protocol === "command") return { protocol: "command", command: check.command };
  return {
    protocol: "http",
    method: check.method,
    path: check.path,
    host: check.host,
    headers: Object.entries(check.headers),
    expectedStatuses: check.expected_status,
    expectedBody: check.expected_body,
  };
}

/** What an upstream with `ejection: off` carries: numbers that are never looked at. */
const noEjection: EjectionSettings = Object.freeze({
  enabled: false,
  consecutiveFailures: 0,
  failureRatio: 1,
  minRequests: 0,
  windowMs: 0,
  baseMs: 0,
  maxMs: 0,
  maxEjectedPercent: 0,
});

function toEjection(ejection: EjectionConfig): EjectionSettings {
  if (!ejection) return noEjection;
  return {
    enabled: true,
    consecutiveFailures: ejection.consecutive_failures,
    failureRatio: ejection.failure_ratio / 100,
    minRequests: ejection.min_requests,
    windowMs: ejection.window,
    baseMs: ejection.base,
    maxMs: ejection.max,
    maxEjectedPercent: ejection.max_ejected,
  };
}
