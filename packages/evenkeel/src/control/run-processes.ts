/** The supervisor within control: what it asks of the world, answered. */
import type { MemberAddress } from "../config/desired/members.ts";
import { memberName } from "../config/desired/members.ts";
import { systemClock, systemTimers } from "../health/clock.ts";
import { runProbe } from "../health/probes/run-probe.ts";
import { choosePort } from "../processes/choose-port.ts";
import { createSupervisor } from "../processes/create-supervisor.ts";
import { createUsageSampler, readUnits, readUsage } from "../processes/keeper/usage.ts";
import { createLogRotation } from "../processes/logs/log-rotation.ts";
import type { KeptSupervisor, SupervisorEvent } from "../processes/supervisor-deps.ts";
import type { ProcessSettings } from "../snapshot/process-settings.ts";
import { createThrottle } from "./throttle.ts";
import type { HealingWorld } from "./healing.ts";

const CHECKPOINT_GAP_MS = 100;

/** The part of a checkpoint that is the supervisor's. */
export const PROCESSES_PART = "processes";

export interface RunningProcesses {
  readonly supervisor: KeptSupervisor;
  /** Rotates logs that are due; call it about once a second. */
  look(): void;
  /** Lets go of everything without touching a child. */
  close(): void;
}

export interface ProcessListeners {
  /** What happens to instances. */
  readonly onEvent: (event: SupervisorEvent) => void;
  /** Endpoints of instances changed and are in force; comes once at least, when it is known what
   * lives. */
  readonly onMembers: () => void;
}

/** A supervisor that has done nothing yet. */
export function runProcesses(
  world: HealingWorld,
  { onEvent, onMembers }: ProcessListeners,
): RunningProcesses {
  const { log, board, health, post } = world;
  const units = readUnits();
  const usage = createUsageSampler({
    read: (pid) => readUsage(pid, units),
    nowMs: () => performance.now(),
  });
  const saving = createThrottle(() => {
    post({ kind: "checkpoint", part: PROCESSES_PART, checkpoint: supervisor.checkpoint() });
  }, CHECKPOINT_GAP_MS);
  const supervisor: KeptSupervisor = createSupervisor(
    {
      clock: systemClock,
      timers: systemTimers,
      random: Math.random,
      post: (message) => post({ kind: "keeper", message }),
      probe: runProbe,
      membersChanged(members) {
        world.changeMembers(members);
        onMembers();
      },
      tell: (member, state, reason) => {
        health.process(member.upstream, memberName(member), { state, reason });
      },
      inFlight: (member) => board.inFlight[slotOf(world, member)] ?? 0,
      choosePort,
      usage: (pid) => usage.sample(pid),
      onEvent,
      onCheckpoint: () => saving.call(),
      environment: process.env,
    },
    world.saved.processes,
  );
  const rotation = createLogRotation({
    logs: () => logsInUse(supervisor, world.desired().processes),
    problem: (path, problem) => log.error({ path }, `a log can't be rotated: ${problem}`),
    rotated: (path, bytes) => log.info({ path, bytes }, "a log was rotated"),
    nowMs: Date.now,
  });
  return {
    supervisor,
    look: () => void rotation.look(),
    close() {
      saving.flush();
      supervisor.close();
    },
  };
}

/** -1 where it is no endpoint at the moment. */
function slotOf({ desired }: HealingWorld, member: MemberAddress): number {
  const name = memberName(member);
  const upstream = desired().snapshot.upstreams.find((one) => one.name === member.upstream);
  return upstream?.endpoints.find((endpoint) => endpoint.name === name)?.slot ?? -1;
}

function logsInUse(supervisor: KeptSupervisor, settings: readonly ProcessSettings[]) {
  const byName = new Map(settings.map((process) => [process.name, process.logs]));
  return supervisor.list().flatMap(({ name, process, logPath }) => {
    const logs = byName.get(process);
    if (!logs) return [];
    const paths = [logPath, supervisor.errorLogPath(name)].filter((path) => path !== undefined);
    return paths.map((path) => ({ path, settings: logs }));
  });
}
