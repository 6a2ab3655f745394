/** What the scenarios over healing share: instances that fall ill, and the plans that heal them. */
import { fileURLToPath } from "node:url";

import { pinnedNode } from "../../support/pinned-node.ts";

const PROGRAM = fileURLToPath(new URL("faulty-instance.ts", import.meta.url));

/** How the check of the scene finds that an instance hangs. */
export const check = { intervalMs: 500, timeoutMs: 500, threshold: 2 } as const;
/** The first delay before a restart. */
export const FIRST_DELAY_MS = 100;
/** How much of the process may be out at once while plans act. */
export const MAX_UNAVAILABLE = 3;

/** What differs from scene to scene. */
export interface HealingScene {
  readonly stateDir: string;
  readonly instances: number;
  /** Instead of the usual ones. */
  readonly plans?: Readonly<Record<string, object>>;
  readonly drills?: Readonly<Record<string, object>>;
  readonly top?: object;
}

/** A running instance that takes no traffic: hung, or ejected for its answers. */
const OUT_OF_ROTATION =
  "(available(upstream=app, endpoint=*) < 1 and ready(process=app, instance=*) >= 1) for 500ms";

/** No plan may be stopped by how often others ran: what counts here is that each acts rightly. */
export const limits = {
  cooldown: "1s",
  grace: "1s",
  verify_within: "4s",
  max_concurrent: 2,
  max_unavailable: MAX_UNAVAILABLE,
  max_attempts: 5,
  rate: "100000 in 1h",
};

const replaceIt = [
  { action: "restart_service", timeout: "20s" },
  { action: "verify_health", endpoint: "/healthz", expected: 200, timeout: "5s" },
];

/** What heals each kind of trouble that the supervisor does not see by itself. */
export const usualPlans: Readonly<Record<string, object>> = {
  "replace-hung": { trigger: OUT_OF_ROTATION, steps: replaceIt, limits },
  "replace-slow": {
    trigger: "p50(upstream=app, endpoint=*, window=3s) > 200ms for 500ms",
    steps: replaceIt,
    limits,
  },
  "replace-fat": {
    trigger: "memory(process=app, instance=*) > 150MiB for 500ms",
    steps: replaceIt,
    limits,
  },
};

/** One listener, one upstream, and a process of instances that fall ill when told to. */
export function healingScene({ stateDir, instances, plans, drills, top }: HealingScene): object {
  return {
    listeners: { web: "127.0.0.1:{{port:web}}" },
    routes: [
      {
        upstream: "app",
        retry: {
          attempts: 3,
          on: ["connect_failure", "reset", "timeout", 503],
          attempt_timeout: "1s",
        },
      },
    ],
    upstreams: {
      app: {
        balance: "least_conn",
        health_check: {
          path: "/healthz",
          interval: `${check.intervalMs}ms`,
          timeout: `${check.timeoutMs}ms`,
          unhealthy_threshold: check.threshold,
        },
        ejection: { consecutive_failures: 3, base: "10s" },
      },
    },
    processes: {
      app: {
        command: [pinnedNode(), PROGRAM, "{{port}}", "app.{{instance}}", stateDir],
        cwd: stateDir,
        instances,
        upstream: "app",
        // Short, so that who hangs when Evenkeel comes back is found out soon.
        ready: { http: "/healthz", interval: "20ms", timeout: "8s" },
        restart: { delays: [`${FIRST_DELAY_MS}ms`], jitter: "0%", limit: "off" },
        stop: { drain: "1s", timeout: "1s" },
      },
    },
    recovery: { freeze_after: "100000 in 1h" },
    recovery_plans: plans ?? usualPlans,
    drills: drills ?? {},
    state_dir: stateDir,
    shutdown: { grace: "2s" },
    workers: 1,
    ...top,
  };
}
