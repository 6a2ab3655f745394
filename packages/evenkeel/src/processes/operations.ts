/** What somebody may ask of processes by name: `all`, a process, or one instance (`NAME.1`). */
import { awaitGone, firstProblem } from "./await-instance.ts";
import type { Outcome, Supervisor } from "./contract.ts";
import type { Instance } from "./instance.ts";
import type { ManagedProcess } from "./managed-process.ts";
import { startOrder, stopWaves } from "./start-order.ts";

export interface OperationsDeps {
  readonly processes: () => ReadonlyMap<string, ManagedProcess>;
  /** Whoever asks decides from now on whether and when it starts. */
  readonly takeOver: (process: ManagedProcess) => void;
  /** Something was decided that outlives a crash. */
  readonly changed: () => void;
  /** Aborted when everything is let go of. */
  readonly closing: AbortSignal;
}

/** What a name means. `whole`: the process as such, not some instance of it. */
interface Named {
  readonly process: ManagedProcess;
  readonly instances: readonly Instance[];
  readonly whole: boolean;
}

const done: Outcome = { ok: true };
const MOST_INSTANCES = 1000;

/** The operations of a supervisor; each resolves when it is done or has failed. */
export function createOperations(
  deps: OperationsDeps,
): Pick<
  Supervisor,
  "start" | "stop" | "restart" | "reload" | "signal" | "scale" | "rollback" | "stopAll"
> {
  const all = (): readonly ManagedProcess[] =>
    [...deps.processes().values()].filter(({ retired }) => !retired);

  const inOrder = (): readonly ManagedProcess[] => {
    const byName = deps.processes();
    return startOrder(all().map(({ settings }) => settings)).map(({ name }) => byName.get(name)!);
  };

  /** Everything a name means, in the order of starts; undefined where it means nothing. */
  const find = (name: string): readonly Named[] | undefined => {
    const wholeOf = (process: ManagedProcess): Named => ({
      process,
      instances: [...process.current.values()].toSorted((one, other) => one.index - other.index),
      whole: true,
    });
    if (name === "all") return inOrder().map(wholeOf);
    const process = all().find((one) => one.name === name);
    if (process) return [wholeOf(process)];
    for (const one of all()) {
      const instance = [...one.current.values()].find((some) => some.name === name);
      if (instance) return [{ process: one, instances: [instance], whole: false }];
    }
    return undefined;
  };

  const unknown = (name: string): Outcome => {
    const names = all().map((process) => process.name);
    const known = names.length > 0 ? `there is: all, ${names.join(", ")}` : "there is none";
    return { ok: false, problem: `There is no process or instance "${name}"; ${known}.` };
  };

  /** A whole process of this name. */
  const findProcess = (name: string): ManagedProcess | Outcome => {
    const process = all().find((one) => one.name === name);
    if (process) return process;
    const instance = find(name);
    if (!instance || name === "all") return unknown(name);
    return {
      ok: false,
      problem: `${name} is one instance: name its process, ${instance[0]!.process.name}.`,
    };
  };

  /** One after the other; the first problem ends it. */
  const eachInTurn = async (
    name: string,
    operate: (named: Named) => Promise<Outcome>,
  ): Promise<Outcome> => {
    const found = find(name);
    if (!found) return unknown(name);
    for (const named of found) {
      const outcome = await operate(named);
      if (!outcome.ok) return outcome;
    }
    return done;
  };

  const want = ({ process, whole }: Named, wanted: "up" | "down"): void => {
    if (whole) {
      deps.takeOver(process);
      process.wanted = wanted;
    }
    deps.changed();
  };

  const stopInWaves = async (reason: string): Promise<Outcome> => {
    const outcomes: Outcome[] = [];
    const byName = deps.processes();
    // What waits for its next start must not start while others are being stopped.
    for (const { process, instances } of find("all") ?? []) {
      want({ process, instances, whole: true }, "down");
      process.queue.interrupt(["start", "replace"], reason);
      for (const one of instances) if (one.machine.child === "none") one.ask("stop", reason);
    }
    for (const wave of stopWaves(all().map(({ settings }) => settings))) {
      const some = wave.map(({ name }) => byName.get(name)!);
      outcomes.push(
        ...(await Promise.all(some.map((one) => one.stop([...one.instances()], reason)))),
      );
    }
    return firstProblem(outcomes);
  };

  return {
    start: (name) => {
      const starts = new Map<string, Promise<Outcome>>();
      return eachTogether(find(name) ?? [], unknown(name), (named) => {
        want(named, "up");
        const { process, instances } = named;
        const needed = process.settings.dependsOn.flatMap((other) => starts.get(other) ?? []);
        const mine = Promise.all(needed).then(() => process.start(instances, "was asked to start"));
        starts.set(process.name, mine);
        return mine;
      });
    },
    stop: (name) => {
      if (name === "all") return stopInWaves("was asked to stop");
      return eachTogether(find(name) ?? [], unknown(name), (named) => {
        want(named, "down");
        const { process, instances, whole } = named;
        const some = whole ? [...process.instances()] : instances;
        return process.stop(some, "was asked to stop");
      });
    },
    restart: (name) =>
      eachInTurn(name, (named) => {
        want(named, "up");
        return named.process.restart(named.instances, "was asked to restart");
      }),
    reload: (name) =>
      eachInTurn(name, ({ process, instances }) => {
        const indexes = instances.map(({ index }) => index);
        if (name !== "all" && instances.every(({ state }) => state === "STOPPED")) {
          return Promise.resolve({ ok: false, problem: `${name} is stopped: start it.` });
        }
        return process.replace(indexes, "a reload was asked for");
      }),
    signal(name, signal) {
      const found = find(name);
      if (!found) return unknown(name);
      const sent = found.flatMap(({ instances }) => instances.map((one) => one.signal(signal)));
      return sent.includes(true) ? done : { ok: false, problem: `${name} does not run.` };
    },
    async scale(name, instances) {
      const process = findProcess(name);
      if ("ok" in process) return process;
      if (!Number.isInteger(instances) || instances < 0 || instances > MOST_INSTANCES) {
        return {
          ok: false,
          problem: `A number of instances is from 0 to ${MOST_INSTANCES}, not ${instances}.`,
        };
      }
      return await scale(process, instances, deps);
    },
    async rollback(name) {
      const process = findProcess(name);
      if ("ok" in process) return process;
      if (!process.restorePrevious()) {
        return { ok: false, problem: `There are no settings of ${name} before these.` };
      }
      deps.changed();
      return await process.converge("a rollback was asked for");
    },
    async stopAll() {
      await stopInWaves("Evenkeel ends");
    },
  };
}

/** All at once; the first problem is the answer when all are over. */
async function eachTogether(
  found: readonly Named[],
  unknown: Outcome,
  operate: (named: Named) => Promise<Outcome>,
): Promise<Outcome> {
  if (found.length === 0) return unknown;
  return firstProblem(await Promise.all(found.map(operate)));
}

async function scale(
  process: ManagedProcess,
  instances: number,
  deps: OperationsDeps,
): Promise<Outcome> {
  const { ports } = process.settings;
  if (ports && ports.length > 0 && ports.length < instances) {
    const problem = `${process.name} has ${ports.length} ports, too few for ${instances} instances.`;
    return { ok: false, problem };
  }
  process.count = instances;
  deps.changed();
  const before = [...process.current.values()];
  const reason = `was scaled to ${instances}`;
  process.adjust();
  const after = [...process.current.values()];
  const surplus = before.filter((one) => !after.includes(one));
  const gone = surplus.map((one) => awaitGone(one, deps.closing));
  const added = after.filter((one) => !before.includes(one));
  const up = process.wanted === "up" ? [process.start(added, reason)] : [];
  return firstProblem(await Promise.all([...up, ...gone]));
}
