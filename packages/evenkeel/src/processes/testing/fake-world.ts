/** A world around a supervisor in which nothing is real: time, children, ports, traffic. */
import { createFakeClock, type FakeClock } from "../../health/testing/fake-clock.ts";
import { formatAddress } from "../../lib/address.ts";
import type { ProcessSettings } from "../../snapshot/process-settings.ts";
import type { FromKeeper, LaunchOrder, LivingChild, Member, ToKeeper } from "../contract.ts";
import { createSupervisor } from "../create-supervisor.ts";
import type { KeptSupervisor, SupervisorDeps, SupervisorEvent } from "../supervisor-deps.ts";

/** How the programs of this world behave. */
export interface Manners {
  /** Whether an instance passes its probe; all do unless said otherwise. */
  isReady: (port: number) => boolean;
  /** Signals that don't end a child. KILL always does. */
  ignores: (signal: string) => boolean;
  /** Why it can't be started. */
  refuses: (order: LaunchOrder) => string | undefined;
  inFlight: (member: Member) => number;
  memoryBytes: (pid: number) => number;
}

export interface FakeWorld {
  readonly clock: FakeClock;
  readonly manners: Manners;
  supervisor: KeptSupervisor;
  /** Everything that was posted, told and heard, in order: `launch api.1`, `ready 127.0.0.1:9001`. */
  readonly did: string[];
  readonly events: SupervisorEvent[];
  readonly living: Map<string, LivingChild>;
  /** By address: what it was told last. */
  readonly traffic: ReadonlyMap<string, string>;
  /** By address: why, as it was told last. */
  readonly reasons: ReadonlyMap<string, string>;
  /** Ports whose present child passed its probe. */
  readonly passed: ReadonlySet<number>;
  members(): readonly Member[];
  /** Ends a child by itself. `name` is `NAME.INDEX`, the youngest of that name. */
  exit(name: string, code?: number): Promise<void>;
  /** `STATE` of each instance by name, in the order of the list. */
  states(): string;
  /** Control dies and comes back. `hard`: all of Evenkeel does, and nothing is remembered. */
  crash(settings: readonly ProcessSettings[], hard?: boolean): Promise<void>;
  /** Lets promises settle. */
  settle(): Promise<void>;
}

/** Starts empty; ports are given from 9001 on unless `ports` of the settings say otherwise. */
export function createFakeWorld(): FakeWorld {
  const clock = createFakeClock();
  const did: string[] = [];
  const events: SupervisorEvent[] = [];
  const living = new Map<string, LivingChild>();
  const traffic = new Map<string, string>();
  const passed = new Set<number>();
  const reasons = new Map<string, string>();
  let members: readonly Member[] = [];
  let pids = 100;
  let nextPort = 9001;
  let chance = 1;
  const manners: Manners = {
    isReady: () => true,
    ignores: () => false,
    refuses: () => undefined,
    inFlight: () => 0,
    memoryBytes: () => 0,
  };
  const unheard: FromKeeper[] = [];
  const post = (message: FromKeeper): void => void unheard.push(message);

  /** The keeper answers a moment later, as threads do. */
  const deliver = (): void => {
    for (let next = unheard.shift(); next; next = unheard.shift()) world.supervisor.received(next);
  };
  const nameOf = ({ process, index }: LaunchOrder): string => `${process}.${index}`;

  const end = (child: LivingChild, code: number | undefined, signal?: NodeJS.Signals): void => {
    const { run, process, index } = child.order;
    living.delete(run);
    if (child.order.port !== undefined) passed.delete(child.order.port);
    post({ kind: "exited", exit: { run, process, index, code, signal, atMs: clock.nowMs() } });
  };

  const keep = (message: ToKeeper): void => {
    if (message.kind === "children") {
      return post({ kind: "children", living: [...living.values()], exits: [] });
    }
    if (message.kind === "launch") {
      const { order } = message;
      did.push(`launch ${nameOf(order)}`);
      const reason = manners.refuses(order);
      if (reason !== undefined) {
        return post({ kind: "launch_failed", run: order.run, reason, atMs: clock.nowMs() });
      }
      const identity = { pid: pids++, startTicks: 1, bootId: "boot" };
      const startedAtMs = clock.nowMs();
      const child = { order, identity, startedAtMs, adopted: false, ready: false };
      living.set(order.run, child);
      return post({ kind: "launched", child });
    }
    if (message.kind === "signal") {
      const child = living.get(message.run);
      if (!child) return;
      did.push(`${message.signal} ${nameOf(child.order)}`);
      const isKill = message.signal === "SIGKILL";
      if (isKill || !manners.ignores(message.signal)) {
        end(child, isKill ? undefined : 0, isKill ? message.signal : undefined);
      }
    }
  };

  const deps: SupervisorDeps = {
    clock,
    timers: {
      setTimeout: (run, delayMs) =>
        clock.setTimeout(() => {
          run();
          setImmediate(deliver);
        }, delayMs),
      clearTimeout: (handle) => clock.clearTimeout(handle),
    },
    // Park and Miller: the names of runs must differ.
    random: () => (chance = (chance * 16_807) % 2_147_483_647) / 2_147_483_647,
    post: (message) => {
      keep(message);
      setImmediate(deliver);
    },
    probe: async ({ port }) => {
      await Promise.resolve();
      const isThere = [...living.values()].some(({ order }) => order.port === port);
      if (isThere && manners.isReady(port)) passed.add(port);
      return isThere && manners.isReady(port)
        ? { verdict: "passed", detail: "passed" }
        : { verdict: "failed", detail: "nobody there" };
    },
    membersChanged(all) {
      members = all;
      const names = new Set(all.map(formatAddress));
      for (const name of traffic.keys()) if (!names.has(name)) traffic.delete(name);
      for (const name of names) if (!traffic.has(name)) traffic.set(name, "stopped");
    },
    tell(member, state, reason) {
      const name = formatAddress(member);
      if (!traffic.has(name)) throw new Error(`${name} is no member`);
      // Told again with another reason is no news of its traffic.
      if (traffic.get(name) !== state) did.push(`${state} ${name}`);
      traffic.set(name, state);
      reasons.set(name, reason);
    },
    inFlight: (member) => manners.inFlight(member),
    choosePort: async (_host, candidates, taken) => {
      await Promise.resolve();
      const known = candidates.find((port) => !taken.has(port));
      if (known !== undefined || candidates.length > 0) return known;
      return nextPort++;
    },
    usage: (pid) => ({ cpu: undefined, memoryBytes: manners.memoryBytes(pid) }),
    onEvent: (event) => void events.push(event),
    onCheckpoint: () => undefined,
    environment: { PATH: "/bin" },
  };

  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 8; turn++) await clock.advance(0);
  };
  const world: FakeWorld = {
    clock,
    manners,
    supervisor: createSupervisor(deps),
    did,
    events,
    living,
    traffic,
    reasons,
    passed,
    members: () => members,
    async exit(name, code = 1) {
      const child = [...living.values()].findLast(({ order }) => nameOf(order) === name);
      if (!child) throw new Error(`${name} does not live`);
      end(child, code);
      deliver();
      await settle();
    },
    states: () =>
      world.supervisor
        .list()
        .map(({ name, state }) => `${name} ${state}`)
        .join(", "),
    async crash(settings, hard = false) {
      const saved = structuredClone(world.supervisor.checkpoint());
      world.supervisor.close();
      if (hard) {
        traffic.clear();
        members = [];
        for (const [run, child] of living) living.set(run, { ...child, adopted: true });
      }
      world.supervisor = createSupervisor(deps, hard ? undefined : saved);
      world.supervisor.apply(settings);
      await settle();
    },
    settle,
  };
  return world;
}
