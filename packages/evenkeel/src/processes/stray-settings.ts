/** Settings for a child whose process nobody configured: enough to stop it in good order. */
import { dirname } from "node:path";
import type { ProcessSettings } from "../snapshot/process-settings.ts";
import type { LaunchOrder } from "./contract.ts";

/** No instances, no traffic, no restarts; TERM, and KILL after ten seconds. */
export function straySettings(order: LaunchOrder): ProcessSettings {
  return {
    name: order.process,
    command: order.command,
    cwd: order.cwd,
    env: order.env,
    user: order.user,
    umask: order.umask,
    instances: 0,
    upstream: undefined,
    weight: 0,
    host: "127.0.0.1",
    ports: undefined,
    priority: 0,
    dependsOn: [],
    autostart: false,
    ready: { kind: "uptime", uptimeMs: 0, timeoutMs: 0 },
    restart: {
      policy: "never",
      expectedExitCodes: [],
      delaysMs: [0],
      jitterPercent: 0,
      limit: undefined,
      // oxlint-disable-next-line no-thenable -- a word, not a function
      then: "stop",
      slowMs: 0,
      resetAfterMs: 0,
    },
    stop: { drainMs: 0, signal: "SIGTERM", timeoutMs: 10_000, group: true },
    memoryBytes: undefined,
    metricsPath: undefined,
    logs: {
      dir: dirname(order.stdoutPath),
      separate: order.stderrPath !== order.stdoutPath,
      rotateBytes: 0,
      rotateEveryMs: 0,
      keep: 0,
      gzip: false,
    },
    fingerprint: order.fingerprint,
  };
}
