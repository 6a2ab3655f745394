/** Puts a new instance in the place of an old one, without an outage where a port is free. */
import type { Outcome } from "./contract.ts";
import { Instance, type InstanceWorld } from "./instance.ts";
import { awaitGone, awaitUp } from "./await-instance.ts";
import type { ManagedProcess } from "./managed-process.ts";

const done: Outcome = { ok: true };

interface Replacement {
  readonly index: number;
  readonly reason: string;
  readonly signal: AbortSignal;
}

/** The new one is ready before the old one is drained, where traffic is at stake and a port is free;
 * else the old one is stopped first. A new one that does not become ready is taken away again and
 * the old one stays (or comes back). Nothing is started that does not run. */
export async function replaceInstance(
  process: ManagedProcess,
  world: InstanceWorld,
  replacement: Replacement,
): Promise<Outcome> {
  const { index, reason, signal } = replacement;
  const old = process.current.get(index);
  if (!old) return done;
  // Who was replaced a moment ago goes first, or changes of mind would pile up.
  for (const other of process.leaving) {
    if (other.index === index) await awaitGone(other, signal);
  }
  // Found alive it most likely serves in a moment, and the better it is replaced.
  if (old.adopted && old.state === "STARTING") await awaitUp(old, signal);
  if (signal.aborted) return { ok: false, problem: "given up" };
  const { state } = old;
  if (state === "STOPPED") {
    old.settings = process.settings;
    return done;
  }
  if (old.machine.child === "none") {
    // It waits, or gave up: with what is new it has another chance.
    old.settings = process.settings;
    old.ask("start", reason);
    return await awaitUp(old, signal);
  }
  const { upstream, ports } = process.settings;
  if (state === "READY" && upstream !== undefined && ports) {
    const successor = new Instance(world, process.settings, index, reason);
    process.leaving.add(successor);
    if (await world.reserve(successor)) {
      return await bringUpFirst(process, old, successor, replacement);
    }
    process.leaving.delete(successor);
  }
  return await stopFirst(process, old, replacement);
}

async function bringUpFirst(
  process: ManagedProcess,
  old: Instance,
  successor: Instance,
  { index, reason, signal }: Replacement,
): Promise<Outcome> {
  successor.ask("start", reason);
  const outcome = await awaitUp(successor, signal);
  if (!outcome.ok || process.current.get(index) !== old) {
    if (!signal.aborted) failed(successor);
    process.sendAway(successor, `was to replace ${old.name}: ${reason}`);
    return { ok: false, problem: `${problemOf(successor, outcome)}; the old one stays` };
  }
  successor.follow(old);
  process.leaving.delete(successor);
  process.current.set(index, successor);
  process.sendAway(old, `is replaced: ${reason}`);
  return await awaitGone(old, signal);
}

async function stopFirst(
  process: ManagedProcess,
  old: Instance,
  { reason, signal }: Replacement,
): Promise<Outcome> {
  const before = old.settings;
  old.ask("stop", `is replaced: ${reason}`);
  const gone = await awaitGone(old, signal);
  if (!gone.ok) return gone;
  old.settings = process.settings;
  old.ask("start", reason);
  const outcome = await awaitUp(old, signal);
  if (outcome.ok || signal.aborted) return outcome;
  failed(old);
  const problem = problemOf(old, outcome);
  if (before.fingerprint === process.settings.fingerprint) return { ok: false, problem };
  old.ask("stop", "did not become ready with its new settings");
  await awaitGone(old, signal);
  if (signal.aborted) return outcome;
  old.settings = before;
  old.ask("start", "runs by the settings before: it did not become ready with the new ones");
  return { ok: false, problem: `${problem}; it runs by the settings before` };
}

function failed(instance: Instance): void {
  instance.emit({ kind: "replacement_failed", reason: instance.machine.reason });
}

function problemOf(instance: Instance, outcome: Outcome): string {
  return outcome.ok ? `${instance.name} is not wanted any more` : outcome.problem;
}
