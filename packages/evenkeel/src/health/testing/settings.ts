/** Settings for tests: sensible where a test does not care. */
import type {
  EjectionSettings,
  HealthCheckSettings,
  UpstreamHealth,
} from "../../snapshot/desired.ts";
import type { EndpointSettings } from "../member.ts";

/** Every 5 s, fast 1 s, down after 3, up after 2, no jitter. */
export const someCheck: HealthCheckSettings = {
  probe: { protocol: "tcp", send: undefined, expect: undefined },
  port: undefined,
  intervalMs: 5000,
  fastIntervalMs: 1000,
  timeoutMs: 1000,
  healthyThreshold: 2,
  unhealthyThreshold: 3,
  jitterPercent: 0,
};

/** The documented defaults. */
export const someEjection: EjectionSettings = {
  enabled: true,
  consecutiveFailures: 5,
  failureRatio: 0.5,
  minRequests: 20,
  windowMs: 10_000,
  baseMs: 10_000,
  maxMs: 300_000,
  maxEjectedPercent: 50,
};

/** An endpoint named `name` in that slot. */
export function endpoint(
  name: string,
  slot: number,
  changes: Partial<EndpointSettings> = {},
): EndpointSettings {
  return {
    name,
    slot,
    host: "127.0.0.1",
    port: 1000 + slot,
    weight: 1,
    backup: false,
    maxFails: undefined,
    failTimeoutMs: 10_000,
    ...changes,
  };
}

/** An upstream without a check, with panic at 50 %. */
export function upstream(
  name: string,
  endpoints: readonly EndpointSettings[],
  changes: Partial<UpstreamHealth> = {},
): UpstreamHealth {
  return {
    upstream: name,
    slot: 1,
    endpoints,
    check: undefined,
    ejection: someEjection,
    slowStart: undefined,
    panicPercent: 50,
    ...changes,
  };
}
