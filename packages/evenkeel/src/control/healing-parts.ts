/** Signals, alerts, plans and drills over one history: made together, as they speak to each other. */
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { createAlerts } from "../alerts/create-alerts.ts";
import type { Alerts } from "../alerts/contract.ts";
import { createSend } from "../alerts/send/create-send.ts";
import { createDrills, type DrillsOfControl } from "../drills/create-drills.ts";
import { systemClock, systemTimers } from "../health/clock.ts";
import type { History } from "../history/contract.ts";
import type { Supervisor } from "../processes/contract.ts";
import { callHttp } from "../recovery/call-http.ts";
import type { Locks, Recovery } from "../recovery/contract.ts";
import { createRecovery } from "../recovery/create-recovery.ts";
import { runCommand } from "../recovery/run-command.ts";
import { createConditionWatch } from "../signals/condition-watch.ts";
import { leapProof } from "../signals/leap-proof.ts";
import { createSignals, type Signals } from "../signals/create-signals.ts";
import { createMetricHealth } from "../signals/metric-health.ts";
import type { Desired } from "../snapshot/desired.ts";
import { drillNotice, planNotice } from "./notices.ts";
import { createFaultLevers } from "./fault-levers.ts";
import type { HealingWorld } from "./healing.ts";
import { createLevers } from "./levers.ts";
import type { Present } from "./objects.ts";
import { createTrafficSampler } from "./traffic-sample.ts";

export interface HealingParts {
  readonly history: History;
  readonly signals: Signals;
  readonly alerts: Alerts;
  readonly recovery: Recovery;
  readonly drills: DrillsOfControl;
  apply(desired: Desired): void;
  /** Looks at everything that is due; call it about once a second. */
  look(nowMs: number): void;
  close(): Promise<void>;
}

export interface HealingSurroundings {
  readonly world: HealingWorld;
  readonly supervisor: Supervisor;
  readonly locks: Locks;
  readonly history: History;
  readonly present: () => Present;
}

/** What may be noticed late while nothing else is going on. */
const PRUNE_EVERY_MS = 600_000;

/** Everything but the processes themselves; nothing happens before the first `apply`. */
export function createHealingParts(around: HealingSurroundings): HealingParts {
  const { world, supervisor, locks, history, present } = around;
  const { log, board, health } = world;
  const nowMs = (): number => Date.now();
  const snapshot = () => world.desired().snapshot;

  const signals = createSignals({
    board,
    timers: systemTimers,
    clock: systemClock,
    snapshot,
    health: () => health.list(),
    instances: () => supervisor.list(),
  });
  const watch = leapProof(createConditionWatch, () => systemClock.monotonicMs());
  const metricHealth = createMetricHealth({ signals, health });
  const alerts = createAlerts({
    reader: signals,
    watch,
    memory: history.memory,
    log,
    nowMs,
    timers: systemTimers,
    random: Math.random,
    newId: randomUUID,
    send: createSend({ source: hostname() }),
    onFiring: (name, labels, subject, state) => recovery.alert(name, labels, subject, state),
  });
  const recovery: Recovery = createRecovery({
    levers: createLevers(supervisor, health, present),
    locks,
    history,
    watch,
    reader: signals,
    clock: systemClock,
    timers: systemTimers,
    notify(notice) {
      const told = planNotice(notice);
      if (notice.kind === "page") alerts.fire(told, notice.receivers);
      else if (notice.kind === "over") alerts.resolve(notice.key, notice.summary);
      else alerts.report(told, notice.receivers);
    },
    run: runCommand,
    http: callHttp,
    log,
    touching: (subject) => drills.touching(subject),
    newId: randomUUID,
  });
  const drills: DrillsOfControl = createDrills({
    levers: createFaultLevers(world, supervisor),
    history,
    watch,
    reader: signals,
    sample: createTrafficSampler(board, snapshot, () => health.list()),
    random: Math.random,
    clock: systemClock,
    obstacle() {
      const frozen = recovery.frozen();
      return frozen && `Recovery is frozen by ${frozen.by} (${frozen.reason}): nothing would heal.`;
    },
    proved: (plan, atMs) => recovery.proven(plan, atMs),
    tell: (report, receivers) => alerts.report(drillNotice(report), receivers),
    log,
  });

  let prunedAtMs = 0;
  return {
    history,
    signals,
    alerts,
    recovery,
    drills,
    apply(desired) {
      signals.apply(desired.signals, desired.processes);
      signals.sample();
      metricHealth.apply(desired.signals.metricHealth);
      alerts.apply(desired.alerts);
      recovery.apply(desired.recovery);
      drills.apply(desired.drills);
    },
    look(atMs) {
      signals.sample();
      // Its times are its own: nobody is told of them.
      metricHealth.look(systemClock.monotonicMs());
      drills.tick(atMs);
      alerts.tick(atMs);
      recovery.tick(atMs);
      if (atMs - prunedAtMs < PRUNE_EVERY_MS) return;
      prunedAtMs = atMs;
      history.prune(atMs);
    },
    async close() {
      await drills.close();
      await Promise.all([recovery.close(), alerts.close(), signals.close()]);
      history.close();
    },
  };
}
