/** Settings for tests: a process with quick and predictable rules. */
import type { ProcessSettings } from "../../snapshot/process-settings.ts";

/** One instance, restarted after 1 s and then 2 s without jitter, up after 1 s, no port. */
export function processSettings(more: Partial<ProcessSettings> = {}): ProcessSettings {
  return {
    name: "api",
    command: ["./api", "--port", "{{port}}"],
    cwd: "/srv",
    env: {},
    user: undefined,
    umask: undefined,
    instances: 1,
    upstream: undefined,
    weight: 1,
    host: "127.0.0.1",
    ports: undefined,
    priority: 999,
    dependsOn: [],
    autostart: true,
    ready: { kind: "uptime", uptimeMs: 1000, timeoutMs: 5000 },
    restart: restartSettings(),
    stop: { drainMs: 1000, signal: "SIGTERM", timeoutMs: 2000, group: true },
    memoryBytes: undefined,
    metricsPath: undefined,
    logs: {
      dir: "/logs",
      separate: false,
      rotateBytes: 0,
      rotateEveryMs: 0,
      keep: 0,
      gzip: false,
    },
    fingerprint: "first",
    ...more,
  };
}

/** See `processSettings`; three restarts in a minute are a crash loop, then every 30 s. */
export function restartSettings(
  more: Partial<ProcessSettings["restart"]> = {},
): ProcessSettings["restart"] {
  return {
    policy: "always",
    expectedExitCodes: [0],
    delaysMs: [1000, 2000],
    jitterPercent: 0,
    limit: { count: 3, windowMs: 60_000 },
    // oxlint-disable-next-line no-thenable -- a word, not a function
    then: "slow",
    slowMs: 30_000,
    resetAfterMs: 10_000,
    ...more,
  };
}

/** An instance that serves an upstream and is asked by a TCP probe. */
export function servingSettings(more: Partial<ProcessSettings> = {}): ProcessSettings {
  return processSettings({
    upstream: "front",
    ports: [],
    ready: {
      kind: "probe",
      timeoutMs: 5000,
      intervalMs: 100,
      probe: { protocol: "tcp", send: undefined, expect: undefined },
    },
    ...more,
  });
}
