/** What plans may do to the world, done by the supervisor and the health table. */
import type { HealthTable, OperatorCommand } from "../health/contract.ts";
import type { Outcome, Supervisor } from "../processes/contract.ts";
import type { Deed, Levers } from "../recovery/contract.ts";
import { factsOf, findObject, type FoundObject, type Present } from "./objects.ts";

/** Levers over these two. `present` says what is there at the moment of asking. */
export function createLevers(
  supervisor: Supervisor,
  health: HealthTable,
  present: () => Present,
): Levers {
  const onEndpoints = (object: string, command: OperatorCommand): Deed => {
    const found = findObject(object, present());
    if (!found) return unknown(object);
    if (found.endpoints.length === 0) {
      return { ok: false, problem: `${object} stands for no endpoint` };
    }
    for (const { upstream, endpoint } of found.endpoints) {
      health.command(upstream, endpoint, command);
    }
    return { ok: true };
  };

  /** Its successor is ready before it goes, where a port is free: what hangs would take its time to
   * end, and what still works a little is better than nothing. */
  const replace = (found: FoundObject): Promise<Outcome> | undefined => {
    if (found.kind === "process") return supervisor.reload(found.group);
    const [instance, ...more] = found.instances;
    return instance && more.length === 0 ? supervisor.reload(instance.name) : undefined;
  };

  return {
    async restart(object, signal) {
      const found = findObject(object, present());
      if (!found) return unknown(object);
      const done = replace(found);
      if (!done) {
        return { ok: false, problem: `${object} is not a process that Evenkeel runs` };
      }
      return await orAborted(done, signal);
    },
    drain: (object) => onEndpoints(object, { kind: "drain" }),
    undrain: (object) => onEndpoints(object, { kind: "undrain" }),
    eject: (object) => onEndpoints(object, { kind: "eject" }),
    restore: (object) => onEndpoints(object, { kind: "restore" }),
    setWeight: (object, weight) => onEndpoints(object, { kind: "weight", weight }),
    scale: (process, instances, signal) => orAborted(supervisor.scale(process, instances), signal),
    rollback: (process, signal) => orAborted(supervisor.rollback(process), signal),
    look(object) {
      const now = present();
      const found = findObject(object, now);
      return found && factsOf(found, now);
    },
  };
}

/** What the supervisor has begun it finishes; only the waiting for it ends. */
async function orAborted(done: Promise<Outcome>, signal: AbortSignal): Promise<Deed> {
  const aborted = Promise.withResolvers<Deed>();
  const onAbort = (): void =>
    aborted.resolve({ ok: false, problem: "it took too long or was called off" });
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([done, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

function unknown(object: string): Deed {
  return { ok: false, problem: `there is no ${object}` };
}
