/** Puts together what acts by itself: processes, and what watches, heals and drills them. */
import { join } from "node:path";
import { alertOperations } from "../admin/alert-operations.ts";
import { drillOperations } from "../admin/drill-operations.ts";
import { incidentOperations } from "../admin/incident-operations.ts";
import type { Operation } from "../admin/operations.ts";
import { planOperations } from "../admin/plan-operations.ts";
import { processOperations } from "../admin/process-operations.ts";
import { HISTORY_FILE, openHistory } from "../history/open-history.ts";
import type { Supervisor } from "../processes/contract.ts";
import { followLog } from "../processes/logs/follow-log.ts";
import { tailLog } from "../processes/logs/tail-log.ts";
import type { SupervisorEvent } from "../processes/supervisor-deps.ts";
import type { Desired } from "../snapshot/desired.ts";
import type { Healing, HealingWorld } from "./healing.ts";
import { createHealingParts, type HealingParts } from "./healing-parts.ts";
import { healingFacts } from "./healing-facts.ts";
import { createLocks } from "./locks.ts";
import { BEAT_MS, createLookRhythm } from "./look-rhythm.ts";
import { endpointName, isSame, type Present } from "./objects.ts";
import { runProcesses } from "./run-processes.ts";
import { needsState } from "./needs-state.ts";
import { createThrottle } from "./throttle.ts";

const ROTATE_EVERY_MS = 1000;
/** What changes together is looked at together. */
const LOOK_SOON_MS = 20;
const IN_MEMORY = ":memory:";

/** Everything that acts by itself over one control; nothing runs until `apply`. */
export function createHealing(world: HealingWorld): Healing {
  const { log, health } = world;
  const processes = runProcesses(world, (event) => onProcessEvent(event));
  const { supervisor } = processes;

  /** An endpoint that stands for an instance is that instance. */
  const instanceOf = (object: string): string | undefined => {
    const endpoint = health.list().find((one) => endpointName(one) === object);
    return endpoint && supervisor.list().find((one) => isSame(one, endpoint))?.name;
  };
  const locks = createLocks((object) => instanceOf(object) ?? object);
  const present = (): Present => ({
    endpoints: health.list(),
    instances: supervisor.list(),
    processes: world.desired().processes.map(({ name }) => name),
    upstreams: world.desired().snapshot.upstreams.map(({ name }) => name),
  });

  const makeParts = (file: string): HealingParts => {
    const settings = () => world.desired().history;
    const history = openHistory({
      file,
      settings,
      clock: { nowMs: Date.now },
      log: plainLog(world),
    });
    return createHealingParts({ world, supervisor, locks, history, present });
  };
  // Nothing is written where nothing asks for it: then what operators say is kept in memory.
  let file = IN_MEMORY;
  let parts = makeParts(file);
  let operations: readonly Operation[] = [];

  const moveTo = (wanted: string): void => {
    void parts.close();
    file = wanted;
    parts = makeParts(file);
  };

  const adopt = (desired: Desired): void => {
    const wanted = needsState(desired) ? join(desired.stateDir, HISTORY_FILE) : IN_MEMORY;
    if (wanted !== file && file === IN_MEMORY) moveTo(wanted);
    parts.apply(desired);
    operations = [
      ...processOperations({
        supervisor: seizing(supervisor, (object) => locks.seize(object, "an operator"), present),
        errorLogPath: (instance) => supervisor.errorLogPath(instance),
        tailLog,
        followLog,
      }),
      ...planOperations(parts.recovery),
      ...incidentOperations(parts.history.incidents, parts.recovery, Date.now),
      ...alertOperations(parts.alerts, Date.now),
      ...drillOperations(parts.drills),
    ];
  };

  const onProcessEvent = (event: SupervisorEvent): void => {
    const { process, instance, reason, atMs } = event;
    if (event.kind === "state") {
      const { from, to } = event;
      log.info({ instance, from, to }, `${instance} is ${to}: ${reason}`);
      if (to === "EXITED" || to === "BACKOFF" || to === "FATAL") {
        parts.drills.noticed({ process, instance }, atMs, `${instance} is ${to}: ${reason}`);
      }
      disturbed();
    } else log.warn({ instance, event: event.kind }, `${instance}: ${reason}`);
  };

  const rhythm = createLookRhythm();
  const soon = createThrottle(() => parts.look(Date.now()), LOOK_SOON_MS);
  const disturbed = (): void => {
    rhythm.disturbed(Date.now());
    soon.call();
  };
  const beat = (): void => {
    const nowMs = Date.now();
    // A run that is under way, or a drill, wants to know at once what came of it.
    if (parts.recovery.runs().length > 0 || parts.drills.progress()) rhythm.disturbed(nowMs);
    if (rhythm.isDue(nowMs)) parts.look(nowMs);
  };
  const timers = [setInterval(() => processes.look(), ROTATE_EVERY_MS), setInterval(beat, BEAT_MS)];

  return {
    operations: () => operations,
    facts: () => healingFacts(supervisor, parts),
    apply(desired) {
      supervisor.apply(desired.processes);
      adopt(desired);
    },
    onHealthChange({ upstream, endpoint, from, to, reason, atMs }) {
      disturbed();
      if (from !== "healthy" && from !== "warming") return;
      if (to === "healthy" || to === "warming") return;
      const instance = instanceOf(endpointName({ upstream, endpoint }));
      const process = instance?.slice(0, instance.lastIndexOf("."));
      const subject = { upstream, endpoint, ...(instance && process && { instance, process }) };
      parts.drills.noticed(subject, atMs, `${upstream} ${endpoint} is ${to}: ${reason}`);
    },
    seize: (object) => locks.seize(object, "an operator"),
    received: (message) => supervisor.received(message),
    stopProcesses: () => supervisor.stopAll(),
    async close() {
      for (const timer of timers) clearInterval(timer);
      soon.cancel();
      await parts.close();
      processes.close();
    },
  };
}

/** The supervisor as the operator uses it: plans and drills let go of what it acts on first. */
function seizing(
  supervisor: Supervisor,
  seize: (object: string) => void,
  present: () => Present,
): Supervisor {
  const taking = (name: string): void => {
    for (const object of name === "all" ? present().processes : [name]) seize(object);
  };
  const first =
    <Rest extends unknown[], Result>(act: (name: string, ...rest: Rest) => Result) =>
    (name: string, ...rest: Rest): Result => {
      taking(name);
      return act(name, ...rest);
    };
  return {
    apply: (settings) => supervisor.apply(settings),
    received: (message) => supervisor.received(message),
    list: () => supervisor.list(),
    start: first((name) => supervisor.start(name)),
    stop: first((name) => supervisor.stop(name)),
    restart: first((name) => supervisor.restart(name)),
    reload: first((name) => supervisor.reload(name)),
    signal: first((name, signal: NodeJS.Signals) => supervisor.signal(name, signal)),
    scale: first((name, instances: number) => supervisor.scale(name, instances)),
    rollback: first((name) => supervisor.rollback(name)),
    stopAll: () => supervisor.stopAll(),
    close: () => supervisor.close(),
  };
}

function plainLog({ log }: HealingWorld): { warn(text: string): void; error(text: string): void } {
  return { warn: (text) => log.warn(text), error: (text) => log.error(text) };
}
