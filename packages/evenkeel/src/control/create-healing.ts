/** Puts together what acts by itself: processes, signals, plans, alerts and drills. */
import type { Operation } from "../admin/operations.ts";
import type { SupervisorEvent } from "../processes/supervisor-deps.ts";
import type { Healing, HealingWorld } from "./healing.ts";
import { createLocks } from "./locks.ts";
import { isSame, endpointName } from "./objects.ts";
import { runProcesses } from "./run-processes.ts";

const LOOK_EVERY_MS = 1000;

/** Everything that acts by itself over one control; nothing runs until `apply`. */
export function createHealing(world: HealingWorld): Healing {
  const { log } = world;
  const processes = runProcesses(world, (event) => tell(event));
  const { supervisor } = processes;
  const locks = createLocks((object) => instanceOf(object) ?? object);

  /** An endpoint that stands for an instance is that instance. */
  const instanceOf = (object: string): string | undefined => {
    const endpoint = world.health.list().find((one) => endpointName(one) === object);
    return endpoint && supervisor.list().find((one) => isSame(one, endpoint))?.name;
  };

  const tell = (event: SupervisorEvent): void => {
    const { instance, reason } = event;
    if (event.kind === "state") {
      log.info(
        { instance, from: event.from, to: event.to },
        `${instance} is ${event.to}: ${reason}`,
      );
    } else log.warn({ instance, event: event.kind }, `${instance}: ${reason}`);
  };

  const operations: readonly Operation[] = [];
  const timer = setInterval(() => processes.look(), LOOK_EVERY_MS);

  return {
    operations: () => operations,
    apply(desired) {
      supervisor.apply(desired.processes);
    },
    onHealthChange() {},
    seize: (object) => locks.seize(object, "an operator"),
    received: (message) => supervisor.received(message),
    stopProcesses: () => supervisor.stopAll(),
    async close() {
      clearInterval(timer);
      processes.close();
    },
  };
}
