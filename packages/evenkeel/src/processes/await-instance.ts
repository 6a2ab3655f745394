/** Waiting for what becomes of an instance. */
import type { Outcome } from "./contract.ts";
import type { Instance } from "./instance.ts";

const done: Outcome = { ok: true };

/** The first that went wrong. */
export function firstProblem(outcomes: readonly Outcome[]): Outcome {
  return outcomes.find(({ ok }) => !ok) ?? done;
}

/** Waits until it is up, or has failed to come up once. */
export async function awaitUp(instance: Instance, signal: AbortSignal): Promise<Outcome> {
  const outcome = await instance.until((): Outcome | undefined => {
    if (instance.isDone) return done;
    const { state, reason } = instance.machine;
    if (state === "STARTING" || state === "STOPPING" || state === "DRAINING") return undefined;
    const output = instance.ran ? `; its output: evenkeel logs ${instance.name}` : "";
    return { ok: false, problem: `${instance.name} did not come up: it ${reason}${output}` };
  }, signal);
  return outcome ?? { ok: false, problem: "given up" };
}

/** The same for a start that goes on by itself. */
export async function awaitStart(instance: Instance, signal: AbortSignal): Promise<Outcome> {
  const outcome = await awaitUp(instance, signal);
  if (outcome.ok || signal.aborted || instance.machine.dueAtMs === undefined) return outcome;
  return { ok: false, problem: `${outcome.problem}; it is tried again` };
}

/** Waits until nothing is there, or it can't be ended. */
export async function awaitGone(instance: Instance, signal: AbortSignal): Promise<Outcome> {
  const outcome = await instance.until((): Outcome | undefined => {
    if (instance.isGone) return done;
    if (instance.state !== "UNKNOWN") return undefined;
    return { ok: false, problem: `${instance.name} ${instance.machine.reason}` };
  }, signal);
  return outcome ?? { ok: false, problem: "given up" };
}
