/** The supervisor: what the settings ask for, what the operator says, and what the keeper reports. */
import { isDeepStrictEqual } from "node:util";
import { formatAddress } from "../lib/address.ts";
import type { ProcessSettings } from "../snapshot/process-settings.ts";
import type { FromKeeper, InstanceView, LivingChild, Member } from "./contract.ts";
import type { Instance, InstanceWorld } from "./instance.ts";
import { logPaths } from "./launch-order.ts";
import { ManagedProcess } from "./managed-process.ts";
import { createMemoryWatch } from "./memory-watch.ts";
import { createOperations } from "./operations.ts";
import { startOrder } from "./start-order.ts";
import { straySettings } from "./stray-settings.ts";
import { fromCheckpoint, toCheckpoint } from "./supervisor-checkpoint.ts";
import type { CreateSupervisor, KeptSupervisor, SupervisorDeps } from "./supervisor-deps.ts";

/** Members that changed wait this long for more, unless one of them is ready. */
const MEMBERS_WAIT_MS = 10;

/** See `CreateSupervisor`. */
export const createSupervisor: CreateSupervisor = (deps, saved) => new SupervisorOf(deps, saved);

class SupervisorOf implements KeptSupervisor {
  readonly #deps: SupervisorDeps;
  readonly #saved: ReturnType<typeof fromCheckpoint>;
  readonly #world: InstanceWorld;
  readonly #closing = new AbortController();
  /** In the order of the file. */
  #processes = new Map<string, ManagedProcess>();
  readonly #runs = new Map<string, Instance>();
  #settings: readonly ProcessSettings[] | undefined;
  /** The keeper said what lives. */
  #isAware = false;
  /** Processes that wait for those they need. */
  readonly #waiting = new Set<ManagedProcess>();
  /** Undefined until they were told: a predecessor may have left some. */
  #members: readonly Member[] | undefined;
  #known = new Set<string>();
  #membersTimer: object | number | undefined;
  #choosing: Promise<unknown> = Promise.resolve();
  #runCount = 0;
  readonly #memory: { look(): void; close(): void };
  readonly #operations: ReturnType<typeof createOperations>;

  constructor(deps: SupervisorDeps, saved: unknown) {
    this.#deps = deps;
    this.#saved = fromCheckpoint(saved, deps.clock);
    this.#world = {
      ...deps,
      reserve: (instance) => this.#reserve(instance),
      newRun: () => this.#newRun(),
      claim: (run, instance) => void this.#runs.set(run, instance),
      changed: () => this.#changed(),
      flushMembers: () => this.#flushMembers(),
      isMember: (member) => this.#known.has(keyOf(member)),
    };
    this.#memory = createMemoryWatch(deps, () => this.#processes.values());
    this.#operations = createOperations({
      processes: () => this.#processes,
      takeOver: (process) => void this.#waiting.delete(process),
      changed: () => deps.onCheckpoint(),
      closing: this.#closing.signal,
    });
  }

  apply(settings: readonly ProcessSettings[]): void {
    const isFirst = this.#settings === undefined;
    this.#settings = settings;
    if (isFirst) this.#deps.post({ kind: "children" });
    else if (this.#isAware) this.#converge(settings);
  }

  received(message: FromKeeper): void {
    switch (message.kind) {
      case "launched":
        return this.#runs.get(message.child.order.run)?.launched(message.child);
      case "launch_failed":
        return this.#ended(message.run, (instance) =>
          instance.refused(`could not be started: ${message.reason}`),
        );
      case "said_ready":
        return this.#runs.get(message.run)?.saidReady();
      case "exited":
        this.#ended(message.exit.run, (instance) => instance.exited(message.exit));
        return this.#deps.post({ kind: "forget", run: message.exit.run });
      case "children":
        return this.#isAware ? undefined : this.#learn(message);
    }
  }

  list(): readonly InstanceView[] {
    return [...this.#processes.values()].flatMap((process) => [...process.views()]);
  }

  start = (name: string) => this.#operations.start(name);
  stop = (name: string) => this.#operations.stop(name);
  restart = (name: string) => this.#operations.restart(name);
  reload = (name: string) => this.#operations.reload(name);
  scale = (process: string, instances: number) => this.#operations.scale(process, instances);
  rollback = (process: string) => this.#operations.rollback(process);
  signal = (name: string, signal: NodeJS.Signals) => this.#operations.signal(name, signal);

  stopAll(): Promise<void> {
    this.#waiting.clear();
    return this.#operations.stopAll();
  }

  errorLogPath(name: string): string | undefined {
    for (const process of this.#processes.values()) {
      for (const instance of process.instances()) {
        if (instance.name === name) return logPaths(instance.settings, instance.index).err;
      }
    }
    return undefined;
  }

  checkpoint(): unknown {
    // Before it knows what lives, it knows nothing better than its predecessor.
    const processes = this.#isAware
      ? [...this.#processes.values()].filter(({ retired }) => !retired).map((one) => one.save())
      : [...this.#saved.values()];
    return toCheckpoint(processes, this.#deps.clock);
  }

  close(): void {
    this.#closing.abort("closed");
    this.#deps.timers.clearTimeout(this.#membersTimer);
    this.#memory.close();
    for (const process of this.#processes.values()) process.close();
  }

  /** Adopts what lives, and then carries out what was asked for meanwhile. */
  #learn({ living, exits }: Extract<FromKeeper, { kind: "children" }>): void {
    const settings = this.#settings ?? [];
    const byRun = new Map(living.map((child) => [child.order.run, child]));
    for (const one of settings) this.#processes.set(one.name, this.#newProcess(one));
    for (const [name, saved] of this.#saved) {
      const process = this.#processes.get(name) ?? this.#newProcess(saved.effective);
      this.#processes.set(name, process);
      process.restore(saved, byRun);
    }
    this.#placeLiving(living);
    for (const exit of exits) {
      this.#ended(exit.run, (instance) => instance.exited(exit));
      this.#deps.post({ kind: "forget", run: exit.run });
    }
    this.#missLost(byRun);
    this.#isAware = true;
    for (const process of this.#processes.values()) {
      for (const instance of process.instances()) instance.refresh();
    }
    this.#converge(settings);
  }

  #newProcess(settings: ProcessSettings): ManagedProcess {
    return new ManagedProcess(this.#world, this.#closing.signal, settings);
  }

  /** Children that no instance is known by: those of the settings in force first, then the youngest. */
  #placeLiving(living: readonly LivingChild[]): void {
    const isCurrent = ({ order }: LivingChild): number =>
      this.#processes.get(order.process)?.settings.fingerprint === order.fingerprint ? 0 : 1;
    const strangers = living
      .filter(({ order }) => !this.#runs.has(order.run))
      .toSorted(
        (one, other) => isCurrent(one) - isCurrent(other) || other.startedAtMs - one.startedAtMs,
      );
    for (const child of strangers) {
      const { process: name } = child.order;
      let process = this.#processes.get(name);
      if (!process) {
        process = this.#newProcess(straySettings(child.order));
        this.#processes.set(name, process);
      }
      process.adopt(child);
    }
  }

  /** Who was alive, and neither lives nor was seen to end. */
  #missLost(byRun: ReadonlyMap<string, LivingChild>): void {
    const atMs = this.#deps.clock.nowMs();
    for (const [run, instance] of this.#runs) {
      const { child } = instance.machine;
      if (byRun.has(run) || (child !== "alive" && child !== "ordered")) continue;
      this.#ended(run, (one) => one.exited({ code: undefined, signal: undefined, atMs }));
    }
  }

  #converge(settings: readonly ProcessSettings[]): void {
    const wanted = new Map(settings.map((one) => [one.name, one]));
    const ordered = new Map<string, ManagedProcess>();
    for (const one of settings) {
      const process = this.#processes.get(one.name) ?? this.#newProcess(one);
      ordered.set(one.name, process);
    }
    for (const [name, process] of this.#processes) {
      if (wanted.has(name)) continue;
      ordered.set(name, process);
      this.#retire(process);
    }
    this.#processes = ordered;
    for (const one of startOrder(settings)) this.#bringIn(ordered.get(one.name)!, one);
    this.#memory.look();
    this.#changed();
  }

  /** Its settings count from now on; what is missing is started when those it needs are up. */
  #bringIn(process: ManagedProcess, settings: ProcessSettings): void {
    process.configure(settings);
    process.adjust();
    const missing = this.#missingFor(process);
    if (process.wanted === "up" && process.fresh.size > 0 && missing.length > 0) {
      this.#waiting.add(process);
      for (const instance of process.fresh) instance.explain(`waits for ${missing.join(" and ")}`);
      return;
    }
    void process.converge("the configuration asks for it");
  }

  /** Those it needs that are not up. */
  #missingFor({ settings }: ManagedProcess): readonly string[] {
    return settings.dependsOn.filter((name) => this.#processes.get(name)?.isDone === false);
  }

  #retire(process: ManagedProcess): void {
    if (process.retired) return;
    process.retired = true;
    this.#waiting.delete(process);
    const reason = "is not in the configuration any more";
    process.count = 0;
    process.queue.interrupt(["start", "replace"], reason);
    for (const [index, instance] of process.current) {
      process.current.delete(index);
      process.sendAway(instance, reason);
    }
  }

  /** The run is over: whoever it belongs to hears of it, and nobody after. */
  #ended(run: string, tell: (instance: Instance) => void): void {
    const instance = this.#runs.get(run);
    this.#runs.delete(run);
    if (instance?.run === run) tell(instance);
  }

  #changed(): void {
    if (!this.#isAware) return;
    this.#membersTimer ??= this.#deps.timers.setTimeout(() => {
      this.#membersTimer = undefined;
      this.#flushMembers();
    }, MEMBERS_WAIT_MS);
    for (const process of this.#waiting) {
      if (this.#missingFor(process).length > 0) continue;
      this.#waiting.delete(process);
      void process.converge("those it needs are up");
    }
    for (const [name, process] of this.#processes) {
      if (process.retired && process.leaving.size === 0) this.#processes.delete(name);
    }
  }

  #flushMembers(): void {
    if (!this.#isAware || this.#closing.signal.aborted) return;
    const byKey = new Map<string, Member>();
    for (const process of this.#processes.values()) {
      for (const instance of process.instances()) {
        // Drained and on its way out for good, maybe for long: its endpoint says nothing any more.
        if (process.leaving.has(instance) && instance.state === "STOPPING") continue;
        const member = instance.member();
        if (member && !byKey.has(keyOf(member))) byKey.set(keyOf(member), member);
      }
    }
    const members = [...byKey.values()];
    if (isDeepStrictEqual(members, this.#members)) return;
    this.#members = members;
    this.#known = new Set(byKey.keys());
    this.#deps.membersChanged(members);
  }

  /** One after the other, so that no two choose the same. Its last port is tried first. */
  #reserve(instance: Instance): Promise<boolean> {
    const mine = this.#choosing.then(async () => {
      const { host, ports = [] } = instance.settings;
      const taken = this.#portsBeside(instance);
      const last = instance.port;
      const isLastGood = last !== undefined && (ports.length === 0 || ports.includes(last));
      const port =
        (isLastGood ? await this.#deps.choosePort(host, [last], taken) : undefined) ??
        (await this.#deps.choosePort(host, ports, taken));
      instance.port = port;
      return port !== undefined;
    });
    this.#choosing = mine.catch(() => undefined); // Its caller hears of it.
    return mine;
  }

  #portsBeside(instance: Instance): ReadonlySet<number> {
    const taken = new Set<number>();
    for (const process of this.#processes.values()) {
      for (const other of process.instances()) {
        if (other !== instance && other.port !== undefined && !other.isGone) taken.add(other.port);
      }
    }
    return taken;
  }

  #newRun(): string {
    const { clock, random } = this.#deps;
    const chance = Math.floor(random() * 2 ** 40).toString(36);
    return `${clock.nowMs().toString(36)}-${(this.#runCount++).toString(36)}-${chance}`;
  }
}

function keyOf({ upstream, host, port }: Member): string {
  return `${upstream} ${formatAddress({ host, port })}`;
}
