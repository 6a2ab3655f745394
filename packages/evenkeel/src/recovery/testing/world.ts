/** A small world for tests of recovery: one process with instances that fall ill and are mended. */
import { createFakeClock, type FakeClock } from "../../health/testing/fake-clock.ts";
import type { Expression, Truth } from "../../expression/expression.ts";
import { parseCondition } from "../../expression/parse.ts";
import type { History } from "../../history/contract.ts";
import { openForTest } from "../../history/testing/open-for-test.ts";
import type {
  ConditionState,
  CreateConditionWatch,
  SignalSubject,
} from "../../signals/contract.ts";
import type {
  ActionSettings,
  PlanLimits,
  PlanSettings,
  RecoverySettings,
  StepSettings,
} from "../../snapshot/plan-settings.ts";
import type { Deed, Levers, Locks, ObjectFacts, Recovery, RecoveryNotice } from "../contract.ts";
import { createRecovery } from "../create-recovery.ts";
import type { CallOutcome, CommandOrder, HttpOrder, RecoveryDeps } from "../deps.ts";

/** One instance, as the fake supervisor has it. */
export interface FakeInstance {
  /** What the trigger speaks of. Undefined: nobody measures it. */
  ill: boolean | undefined;
  /** A restart does not mend it. */
  incurable: boolean;
  out: boolean;
  /** The supervisor is at work on it. */
  starting: "first" | "again" | undefined;
  drained: boolean;
  ejected: boolean;
  weight: number | undefined;
  restarts: number;
}

export interface World {
  readonly clock: FakeClock;
  readonly history: History;
  readonly notices: RecoveryNotice[];
  /** Every deed of the levers, in order. */
  readonly deeds: string[];
  readonly instances: FakeInstance[];
  readonly locks: Locks;
  /** How long a restart takes. */
  restartMs: number;
  recovery: Recovery;
  run: (order: CommandOrder, signal: AbortSignal) => Promise<CallOutcome>;
  http: (order: HttpOrder, signal: AbortSignal) => Promise<CallOutcome>;
  drill: string | undefined;
  /** A word of the levers that does not work. */
  failing: string | undefined;
  /** Called before each write into the history and each deed. */
  onStep: () => void;
  /** Nothing that the present engine does has an effect any more. */
  kill(): void;
  /** The most that were out at once. */
  mostOut: number;
  /** Ticks once a second. */
  pass(ms: number): Promise<void>;
  /** As after `kill -9`: nothing of the engine goes on, a new one is begun over the same history. */
  crash(settings: RecoverySettings): void;
  timeline(): string[];
}

/** A process `api` of so many healthy instances. */
export function createWorld(count = 6, history?: History): World {
  const clock = createFakeClock();
  const ids = { next: 0 };
  const lives: Lives = { now: undefined };
  const world: World = {
    clock,
    history: history ?? openForTest({ nowMs: () => clock.nowMs() }),
    notices: [],
    deeds: [],
    instances: Array.from({ length: count }, healthy),
    locks: createFakeLocks(),
    restartMs: 1000,
    recovery: undefined as unknown as Recovery,
    run: async () => ({ ok: true, text: "it exited with 0", output: "" }),
    http: async ({ method, url }) => ({
      ok: true,
      text: `${method} ${url} answered 200`,
      output: "",
    }),
    drill: undefined,
    failing: undefined,
    onStep() {},
    mostOut: 0,
    kill: () => void (lives.now = undefined),
    async pass(ms) {
      for (let left = ms; left > 0; left -= 1000) {
        await clock.advance(Math.min(left, 1000));
        world.recovery.tick(clock.nowMs());
      }
      await clock.advance(0);
    },
    crash(settings) {
      (world as { locks: Locks }).locks = createFakeLocks();
      world.recovery = begin(world, ids, lives);
      world.recovery.apply(settings);
    },
    timeline: () =>
      world.history.incidents
        .list(100)
        .toReversed()
        .flatMap(({ id }) => world.history.incidents.get(id)!.timeline.map(({ text }) => text)),
  };
  world.recovery = begin(world, ids, lives);
  return world;
}

function healthy(): FakeInstance {
  const fine = { ill: false, incurable: false, out: false, drained: false, ejected: false };
  return { ...fine, starting: undefined, weight: undefined, restarts: 0 };
}

/** The engine that lives; what one before does has no effect. */
interface Lives {
  now: object | undefined;
}

function begin(world: World, ids: { next: number }, lives: Lives): Recovery {
  const { clock } = world;
  const self = {};
  lives.now = self;
  const live = (): boolean => {
    if (lives.now === self) world.onStep();
    return lives.now === self;
  };
  const deps: RecoveryDeps = {
    levers: leversOf(world, live),
    locks: world.locks,
    history: historyWhile(world.history, live),
    watch: watchOf(world),
    reader: { read: () => [] },
    clock,
    timers: clock,
    notify: (notice) => void (lives.now === self && world.notices.push(notice)),
    async run(order, signal) {
      if (!live()) return { ok: false, text: "dead", output: "" };
      world.deeds.push(`run ${order.command.join(" ")}`);
      return world.run(order, signal);
    },
    http: (order, signal) => world.http(order, signal),
    log: { info() {}, warn() {}, error() {} },
    touching: () => world.drill,
    newId: () => `run-${String(++ids.next).padStart(4, "0")}`,
  };
  return createRecovery(deps);
}

/** Drops the writes of the dead. */
function historyWhile(history: History, live: () => boolean): History {
  const { ledger, incidents, memory } = history;
  return {
    ...history,
    ledger: {
      ...ledger,
      intend: (entry) => (live() ? ledger.intend(entry) : 0),
      advance: (...words) => void (live() && ledger.advance(...words)),
    },
    incidents: {
      ...incidents,
      open: (one) => (live() ? incidents.open(one) : 0),
      note: (...words) => void (live() && incidents.note(...words)),
      change: (...words) => void (live() && incidents.change(...words)),
    },
    memory: {
      ...memory,
      set: (...words) => void (live() && memory.set(...words)),
      delete: (...words) => void (live() && memory.delete(...words)),
    },
  };
}

function leversOf(world: World, live: () => boolean): Levers {
  const at = (object: string): FakeInstance[] => {
    if (object === "api") return world.instances;
    const index = /^api\.(\d+)$/.exec(object)?.[1];
    const one = index === undefined ? undefined : world.instances[Number(index) - 1];
    return one ? [one] : [];
  };
  const on = (object: string, word: string, change: (one: FakeInstance) => void): Deed => {
    if (!live()) return { ok: false, problem: "dead" };
    if (word === world.failing) return { ok: false, problem: "broken" };
    const found = at(object);
    world.deeds.push(`${word} ${object}`);
    for (const one of found) change(one);
    world.mostOut = Math.max(world.mostOut, world.instances.filter(isOut).length);
    return found.length > 0 ? { ok: true } : { ok: false, problem: `there is no ${object}` };
  };
  return {
    async restart(object, signal) {
      const begun = on(object, "restart", (one) => (one.out = true));
      if (!begun.ok) return begun;
      const done = Promise.withResolvers<void>();
      // The supervisor finishes what it began, whoever asked.
      world.clock.setTimeout(() => {
        for (const one of at(object)) {
          one.out = false;
          one.restarts++;
          if (!one.incurable) one.ill = false;
        }
        done.resolve();
      }, world.restartMs);
      signal.addEventListener("abort", () => done.resolve(), { once: true });
      await done.promise;
      return signal.aborted ? { ok: false, problem: "it took too long" } : { ok: true };
    },
    drain: (object) => on(object, "drain", (one) => (one.drained = true)),
    undrain: (object) => on(object, "undrain", (one) => (one.drained = false)),
    eject: (object) => on(object, "eject", (one) => (one.ejected = true)),
    restore: (object) => on(object, "restore", (one) => (one.ejected = false)),
    setWeight: (object, weight) => on(object, `weight ${weight}`, (one) => (one.weight = weight)),
    scale: async (object, instances) => {
      const deed = on(object, `scale to ${instances}`, () => {});
      if (!deed.ok) return deed;
      while (world.instances.length < instances) world.instances.push(healthy());
      world.instances.length = instances;
      return deed;
    },
    rollback: async (object) => on(object, "rollback", () => {}),
    look: (object) => factsOf(object, at(object), world.instances),
  };
}

const isOut = (one: FakeInstance): boolean => one.out || one.drained || one.ejected;

function factsOf(
  object: string,
  own: readonly FakeInstance[],
  all: readonly FakeInstance[],
): ObjectFacts | undefined {
  const [first] = own;
  if (!first) return undefined;
  const whole = object === "api";
  return {
    kind: whole ? "process" : "instance",
    group: "api",
    total: all.length,
    out: all.filter(isOut).length,
    isOut: own.every(isOut),
    starting: whole ? undefined : first.starting,
    weight: whole ? undefined : first.weight,
    drained: own.every(({ drained }) => drained),
    ejected: own.every(({ ejected }) => ejected),
    instances: whole ? all.length : undefined,
    addresses: own.map((one) => ({ host: "127.0.0.1", port: 9001 + all.indexOf(one) })),
  };
}

/** As the real ones: a process covers its instances. */
export function createFakeLocks(): Locks {
  const held = new Map<string, { owner: string; lost: AbortController }>();
  const covers = (one: string, other: string): boolean =>
    one === other || other.startsWith(`${one}.`) || one.startsWith(`${other}.`);
  const inTheWay = (object: string, owner: string) =>
    [...held].find(([name, lock]) => covers(name, object) && lock.owner !== owner);
  return {
    take(object, owner) {
      if (inTheWay(object, owner)) return undefined;
      const mine = { owner, lost: new AbortController() };
      held.set(object, mine);
      const release = (): void => {
        if (held.get(object) === mine) held.delete(object);
      };
      return { lost: mine.lost.signal, release };
    },
    holder: (object) => inTheWay(object, "")?.[1].owner,
    seize(object, who) {
      for (const [name, { lost }] of held) if (covers(name, object)) lost.abort();
      held.set(object, { owner: who, lost: new AbortController() });
    },
  };
}

/** `ill == 1` and the like, by what the world says; `for` counts by the fake clock. */
function watchOf(world: World): CreateConditionWatch {
  return (expression, _reader, within) => {
    const since = new Map<string, { truth: Truth; atMs: number; firstTrueAtMs?: number }>();
    const badSince = new Map<string, number>();
    return {
      look(nowMs) {
        return subjectsOf(world, within).map((subject): ConditionState => {
          const name = subject.instance!;
          const truth = truthOf(expression, name, world, badSince, nowMs);
          const before = since.get(name);
          if (before?.truth !== truth) since.set(name, { truth, atMs: nowMs });
          const { atMs: sinceMs } = since.get(name)!;
          const firstTrueAtMs = truth === "true" ? (badSince.get(name) ?? sinceMs) : undefined;
          return { subject, truth, sinceMs, firstTrueAtMs, explanation: `${name} is ${truth}` };
        });
      },
      clear() {
        since.clear();
        badSince.clear();
      },
    };
  };
}

function subjectsOf({ instances }: World, within: SignalSubject): SignalSubject[] {
  return instances
    .map((_, index) => ({ process: "api", instance: `api.${index + 1}` }))
    .filter(({ instance }) => within.instance === undefined || within.instance === instance);
}

function truthOf(
  expression: Expression,
  name: string,
  world: World,
  badSince: Map<string, number>,
  nowMs: number,
): Truth {
  if (expression.kind === "lasting") {
    const of = truthOf(expression.of, name, world, badSince, nowMs);
    if (of !== "true") badSince.delete(name);
    else if (!badSince.has(name)) badSince.set(name, nowMs);
    const lasts = nowMs - (badSince.get(name) ?? nowMs) >= expression.forMs;
    return of === "true" && !lasts ? "false" : of;
  }
  if (expression.kind !== "comparison") throw new Error("not in this world");
  const one = world.instances[Number(name.slice(4)) - 1];
  const value = expression.signal.name === "up" ? !one?.ill : one?.ill;
  if (one?.ill === undefined) return "unknown";
  return value ? "true" : "false";
}

/** True while an instance is ill. */
export const isIll = conditionOf("ready < 1 for 2s");
/** True while it is not. */
export const isFine = conditionOf("up == 1");

function conditionOf(text: string) {
  const parsed = parseCondition(text);
  if (!parsed.ok) throw new Error(parsed.problem.message);
  return parsed.condition;
}

/** A step with mild settings. */
export function stepOf(action: ActionSettings, more: Partial<StepSettings> = {}): StepSettings {
  return { timeoutMs: 20_000, retries: 0, undo: false, verify: undefined, action, ...more };
}

/** Restarts what is ill. */
export const restart = stepOf({ action: "restart_service", target: "api" });

/** A plan that restarts, with mild settings. */
export function planOf(
  more: Partial<Omit<PlanSettings, "limits">> & { readonly limits?: Partial<PlanLimits> } = {},
): PlanSettings {
  const limits: PlanLimits = {
    maxAttempts: 3,
    cooldownMs: 30_000,
    graceMs: 5000,
    verifyWithinMs: 10_000,
    maxConcurrent: 10,
    maxUnavailable: { percent: 50 },
    rate: { count: 100, windowMs: 3_600_000 },
    ...more.limits,
  };
  return {
    name: "mend",
    mode: "auto",
    trigger: { kind: "condition", condition: isIll },
    steps: [restart],
    onFailure: ["oncall"],
    onSuccess: ["channel"],
    provenWithinMs: 1e9,
    ...more,
    limits,
  };
}

/** Settings of these plans that freeze at nothing. */
export function settingsOf(...plans: readonly PlanSettings[]): RecoverySettings {
  return { plans, freeze: { runs: 1000, windowMs: 600_000, unhealthyPercent: 0 } };
}
