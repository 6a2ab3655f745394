/** Puts together what acts by itself: processes, and what watches, heals and drills them. */
import { join } from "node:path";
import { alertOperations } from "../admin/alert-operations.ts";
import { drillOperations } from "../admin/drill-operations.ts";
import { incidentOperations } from "../admin/incident-operations.ts";
import type { Operation } from "../admin/operations.ts";
import { planOperations } from "../admin/plan-operations.ts";
import { processOperations, type ProcessOperationsDeps } from "../admin/process-operations.ts";
import type { History } from "../history/contract.ts";
import { HISTORY_FILE, openHistory } from "../history/open-history.ts";
import type { Supervisor } from "../processes/contract.ts";
import { followLog } from "../processes/logs/follow-log.ts";
import { tailLog } from "../processes/logs/tail-log.ts";
import type { SupervisorEvent } from "../processes/supervisor-deps.ts";
import type { Desired } from "../snapshot/desired.ts";
import type { Healing, HealingWorld } from "./healing.ts";
import { createHealingParts } from "./healing-parts.ts";
import { healingFacts } from "./healing-facts.ts";
import { createLocks } from "./locks.ts";
import { BEAT_MS, createLookRhythm } from "./look-rhythm.ts";
import { isSame, namesOf, type Present } from "./objects.ts";
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
  const processes = runProcesses(world, {
    onEvent: (event) => onProcessEvent(event),
    // Not in the middle of what the supervisor is doing.
    onMembers: () => void (isAware || setImmediate(begin)),
  });
  const { supervisor } = processes;

  const locks = createLocks((object) => namesOf(object, supervisor.list()));
  const present = (): Present => ({
    endpoints: health.list(),
    instances: supervisor.list(),
    processes: world.desired().processes.map(({ name }) => name),
    upstreams: world.desired().snapshot.upstreams.map(({ name }) => name),
  });

  const openFile = (path: string): History =>
    openHistory({
      file: path,
      settings: () => world.desired().history,
      clock: { nowMs: Date.now },
      log: plainLog(world),
    });
  // Nothing is written where nothing asks for it: then what operators say is kept in memory.
  let file = IN_MEMORY;
  let parts = createHealingParts({ world, supervisor, locks, history: openFile(file), present });
  let leaving: Promise<void> = Promise.resolve();
  let operations: readonly Operation[] = [];
  let wanted: Desired | undefined;
  let isAware = false;
  const aware = Promise.withResolvers<void>();

  /** What was said so far counts from now on in the file. */
  const moveTo = (place: string): void => {
    const left = parts;
    const history = openFile(place);
    for (const { space, key, value } of left.history.remembered()) {
      history.memory.set(space, key, value);
    }
    file = place;
    parts = createHealingParts({ world, supervisor, locks, history, present });
    leaving = left.close();
    leaving.catch((error: unknown) => log.error({ error }, "what was in memory did not end well"));
  };

  const adopt = (desired: Desired): void => {
    const place = needsState(desired) ? join(desired.stateDir, HISTORY_FILE) : IN_MEMORY;
    if (place !== file && file === IN_MEMORY) moveTo(place);
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

  const begin = (): void => {
    if (isAware || resting || !wanted) return;
    isAware = true;
    adopt(wanted);
    aware.resolve();
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

  let resting: Promise<unknown> | undefined;
  const rhythm = createLookRhythm();
  const soon = createThrottle(() => parts.look(Date.now()), LOOK_SOON_MS);
  const disturbed = (): void => {
    if (resting) return;
    rhythm.disturbed(Date.now());
    soon.call();
  };
  const beat = (): void => {
    const nowMs = Date.now();
    // A run that is under way, or a drill, wants to know at once what came of it.
    if (parts.recovery.runs().length > 0 || parts.drills.progress()) rhythm.disturbed(nowMs);
    if (rhythm.isDue(nowMs)) parts.look(nowMs);
  };
  const rotating = setInterval(() => processes.look(), ROTATE_EVERY_MS);
  const beating = setInterval(beat, BEAT_MS);

  /** From now on nothing acts by itself: who ends does not want mended what goes down. */
  const rest = (): Promise<unknown> => {
    clearInterval(beating);
    soon.cancel();
    return (resting ??= Promise.all([parts.close(), leaving]));
  };

  return {
    operations: () => operations,
    facts: () => healingFacts(supervisor, parts),
    apply(desired) {
      supervisor.apply(desired.processes);
      wanted = desired;
      if (isAware && !resting) adopt(desired);
    },
    ready: aware.promise,
    onHealthChange({ upstream, endpoint, from, to, reason, atMs }) {
      disturbed();
      if (from !== "healthy" && from !== "warming") return;
      if (to === "healthy" || to === "warming" || !parts.drills.progress()) return;
      const own = supervisor.list().find((one) => isSame(one, { upstream, endpoint }));
      const subject = {
        upstream,
        endpoint,
        ...(own && { instance: own.name, process: own.process }),
      };
      parts.drills.noticed(subject, atMs, `${upstream} ${endpoint} is ${to}: ${reason}`);
    },
    seize: (object) => locks.seize(object, "an operator"),
    received: (message) => supervisor.received(message),
    async stopProcesses() {
      const letGo = rest();
      await supervisor.stopAll();
      await letGo;
    },
    async close() {
      clearInterval(rotating);
      await rest();
      processes.close();
    },
  };
}

/** The supervisor as the operator uses it: plans and drills let go of what it acts on first. */
function seizing(
  supervisor: Supervisor,
  seize: (object: string) => void,
  present: () => Present,
): ProcessOperationsDeps["supervisor"] {
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
    list: () => supervisor.list(),
    start: first((name) => supervisor.start(name)),
    stop: first((name) => supervisor.stop(name)),
    restart: first((name) => supervisor.restart(name)),
    reload: first((name) => supervisor.reload(name)),
    signal: first((name, signal: NodeJS.Signals) => supervisor.signal(name, signal)),
    scale: first((name, instances: number) => supervisor.scale(name, instances)),
    rollback: first((name) => supervisor.rollback(name)),
  };
}

function plainLog({ log }: HealingWorld): { warn(text: string): void; error(text: string): void } {
  return { warn: (text) => log.warn(text), error: (text) => log.error(text) };
}
