/** One process: its instances, how many there are, and the settings they run by. */
import { isDeepStrictEqual } from "node:util";
import type { ProcessSettings } from "../snapshot/process-settings.ts";
import type { InstanceView, LivingChild, Outcome } from "./contract.ts";
import { Instance, type InstanceWorld } from "./instance.ts";
import { awaitGone, awaitStart, firstProblem } from "./await-instance.ts";
import { OperationQueue } from "./operation-queue.ts";
import { replaceInstance } from "./replace-instance.ts";
import type { SavedProcess } from "./supervisor-checkpoint.ts";

const done: Outcome = { ok: true };

/** A process as it is carried out. */
export class ManagedProcess {
  readonly name: string;
  /** By index, from 1. */
  readonly current = new Map<number, Instance>();
  /** Being stopped for good; others may have their names. */
  readonly leaving = new Set<Instance>();
  /** Made and not started yet. */
  readonly fresh = new Set<Instance>();
  readonly queue = new OperationQueue();
  /** How many instances there are to be. */
  count: number;
  /** What is wanted of the whole: by the file at first, then by the operator. */
  wanted: "up" | "down";
  /** Not configured any more. */
  retired = false;

  readonly #world: InstanceWorld;
  /** Aborted when everything is let go of. */
  readonly #closing: AbortSignal;
  #configured: ProcessSettings;
  #settings: ProcessSettings;
  #previous: ProcessSettings | undefined;
  /** What ended the last replacement short. */
  #setback: string | undefined;

  constructor(world: InstanceWorld, closing: AbortSignal, settings: ProcessSettings) {
    this.name = settings.name;
    this.#world = world;
    this.#closing = closing;
    this.#configured = settings;
    this.#settings = settings;
    this.count = settings.instances;
    this.wanted = settings.autostart ? "up" : "down";
  }

  /** What its instances are to run by. */
  get settings(): ProcessSettings {
    return this.#settings;
  }

  /** All there is of it: those that count first. */
  *instances(): Generator<Instance> {
    yield* [...this.current.values()].toSorted((one, other) => one.index - other.index);
    yield* this.leaving;
  }

  /** The same, for people and programs. */
  *views(): Generator<InstanceView> {
    const outdated = new Set(this.outdated);
    const why = this.#setback ?? "it is to be replaced";
    for (const instance of this.instances()) {
      const isOutdated =
        this.current.get(instance.index) === instance && outdated.has(instance.index);
      yield { ...instance.view(), outdated: isOutdated ? why : undefined };
    }
  }

  /** Every instance is up, or did what it was for. */
  get isDone(): boolean {
    return this.current.size >= this.count && [...this.current.values()].every((one) => one.isDone);
  }

  /** Instances run by other settings than they are to. */
  get outdated(): readonly number[] {
    const { fingerprint } = this.#settings;
    return [...this.current]
      .filter(([, { bornBy, settings }]) => (bornBy ?? settings.fingerprint) !== fingerprint)
      .map(([index]) => index)
      .toSorted((one, other) => one - other);
  }

  /** The file asks for something else. False where it asks for the same. */
  configure(settings: ProcessSettings): boolean {
    if (this.retired) this.count = settings.instances;
    this.retired = false;
    if (isDeepStrictEqual(settings, this.#configured)) return false;
    if (settings.instances !== this.#configured.instances) this.count = settings.instances;
    this.#configured = settings;
    this.#use(settings);
    return true;
  }

  /** The settings before the last change are in force again. False where there are none. */
  restorePrevious(): boolean {
    if (!this.#previous) return false;
    this.#use(this.#previous);
    return true;
  }

  #use(settings: ProcessSettings): void {
    if (isDeepStrictEqual(settings, this.#settings)) return;
    this.#previous = this.#settings;
    this.#settings = settings;
    this.#setback = undefined;
    for (const instance of this.current.values()) {
      const { bornBy } = instance;
      // Rules count at once; who has to be replaced keeps what it was started by until then.
      if (bornBy === undefined || bornBy === settings.fingerprint) instance.settings = settings;
      instance.refresh();
    }
  }

  /** Makes what is missing and sends away what is too many, the last ones first. */
  adjust(): void {
    for (let index = 1; index <= this.count; index++) {
      if (this.current.has(index)) continue;
      const instance = new Instance(this.#world, this.#settings, index, "was not started yet");
      this.current.set(index, instance);
      this.fresh.add(instance);
    }
    const surplus = [...this.current].filter(([index]) => index > this.count);
    for (const [index, instance] of surplus.toSorted(([one], [other]) => other - one)) {
      this.current.delete(index);
      this.sendAway(instance, "is one too many");
    }
  }

  /** Starts what was made and not started. */
  startFresh(reason: string): void {
    for (const instance of this.fresh) instance.ask("start", reason);
    this.fresh.clear();
  }

  /** Stops an instance for good; it is forgotten when it is gone. */
  sendAway(instance: Instance, reason: string): void {
    this.fresh.delete(instance);
    this.leaving.add(instance);
    instance.ask("stop", reason);
    void this.#forgetWhenGone(instance);
  }

  async #forgetWhenGone(instance: Instance): Promise<void> {
    const gone = await instance.until(() => instance.isGone || undefined, this.#closing);
    if (!gone) return;
    instance.close();
    this.leaving.delete(instance);
    this.#world.changed(instance);
  }

  /** A child of it that lives, found by none of its instances. */
  adopt(child: LivingChild): void {
    const { index } = child.order;
    const present = this.current.get(index);
    const isFree = index <= this.count && (!present || present.isGone);
    const instance = new Instance(this.#world, this.#settings, index, "was found alive");
    instance.adopt(child);
    if (!isFree || this.wanted === "down") return this.sendAway(instance, "is one too many");
    if (present) this.fresh.delete(present);
    this.current.set(index, instance);
    instance.emit({ kind: "adopted", reason: "was found alive and goes on" });
  }

  /** Goes on where a predecessor left off. */
  restore(saved: SavedProcess, living: ReadonlyMap<string, LivingChild>): void {
    this.#configured = saved.configured;
    this.#settings = saved.effective;
    this.#previous = saved.previous;
    this.count = saved.count;
    this.wanted = saved.wanted;
    for (const one of saved.instances) {
      const known = [saved.effective, saved.previous, saved.configured];
      const settings = known.find((some) => some?.fingerprint === one.settings) ?? saved.effective;
      const instance = new Instance(this.#world, settings, one.index, one.machine.reason);
      instance.resume(one, one.run === undefined ? undefined : living.get(one.run));
      if (one.role === "current") this.current.set(one.index, instance);
      else this.sendAway(instance, one.machine.reason);
    }
  }

  save(): SavedProcess {
    return {
      configured: this.#configured,
      effective: this.#settings,
      previous: this.#previous,
      count: this.count,
      wanted: this.wanted,
      instances: [
        ...[...this.current.values()].map((one) => one.save("current")),
        ...[...this.leaving].map((one) => one.save("leaving")),
      ],
    };
  }

  /** Starts these and waits until they are up or have failed. */
  start(instances: readonly Instance[], reason: string): Promise<Outcome> {
    for (const instance of instances) this.fresh.delete(instance);
    return this.queue.run("start", async (signal) => {
      for (const instance of instances) {
        if (instance.machine.child === "none") instance.settings = this.#settings;
        instance.ask("start", reason);
      }
      return firstProblem(await Promise.all(instances.map((one) => awaitStart(one, signal))));
    });
  }

  /** Stops these and waits until they are gone. Whatever else was being done is given up. */
  stop(instances: readonly Instance[], reason: string): Promise<Outcome> {
    for (const instance of instances) this.fresh.delete(instance);
    this.queue.interrupt(["start", "replace"], reason);
    return this.queue.run("stop", async (signal) => {
      for (const instance of instances) instance.ask("stop", reason);
      return firstProblem(await Promise.all(instances.map((one) => awaitGone(one, signal))));
    });
  }

  /** Restarts these one after the other, and stops at the first that does not come up. */
  restart(instances: readonly Instance[], reason: string): Promise<Outcome> {
    for (const instance of instances) this.fresh.delete(instance);
    return this.queue.run("start", async (signal) => {
      for (const instance of instances) {
        instance.ask("restart", reason);
        instance.settings = this.#settings;
        const outcome = await awaitStart(instance, signal);
        if (!outcome.ok) return outcome;
      }
      return done;
    });
  }

  /** Replaces these one by one by instances that run by the settings in force. */
  replace(indexes: readonly number[], reason: string): Promise<Outcome> {
    return this.queue.run("replace", async (signal) => {
      this.#setback = undefined;
      for (const [at, index] of indexes.entries()) {
        const outcome = await replaceInstance(this, this.#world, { index, reason, signal });
        if (outcome.ok) continue;
        if (!signal.aborted) this.#setback = outcome.problem;
        const left = indexes.length - at - 1;
        const rest = left > 0 ? `; ${left} more stay as they are` : "";
        return { ok: false, problem: `${outcome.problem}${rest}` };
      }
      return done;
    });
  }

  /** Brings how many there are in line, and then what they run by. */
  converge(reason: string): Promise<Outcome> {
    this.queue.interrupt(["replace"], reason);
    this.adjust();
    if (this.wanted === "up") this.startFresh(reason);
    const { outdated } = this;
    return outdated.length > 0 ? this.replace(outdated, reason) : Promise.resolve(done);
  }

  close(): void {
    for (const instance of this.instances()) instance.close();
  }
}
