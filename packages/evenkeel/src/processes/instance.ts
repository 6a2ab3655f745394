/**
 * One instance: runs its state machine, carries out what it says, and keeps what is known of its
 * child. The order of an exit is: out of traffic first, then everything else.
 */
import { isDeepStrictEqual } from "node:util";
import type { ProcessSettings } from "../snapshot/process-settings.ts";
import type { ChildExit, InstanceView, LivingChild, Member, ProcessIdentity } from "./contract.ts";
import {
  askAgain,
  newMachine,
  startingAgain,
  step,
  trafficOf,
  type Effect,
  type Machine,
  type MachineContext,
  type MachineEvent,
} from "./instance-state.ts";
import { watchDrain } from "./drain-watch.ts";
import { instanceName, launchOrder, logPaths, noPortFree } from "./launch-order.ts";
import { askUntilReady } from "./readiness.ts";
import type { SavedInstance } from "./supervisor-checkpoint.ts";
import type { BareEvent, SupervisorDeps } from "./supervisor-deps.ts";
import { Waiters } from "./waiters.ts";

/** What an instance needs of those around it. */
export interface InstanceWorld extends SupervisorDeps {
  /** Finds a port and notes it as the instance's before anybody else can choose. */
  reserve(instance: Instance): Promise<boolean>;
  /** A name no run ever had. */
  newRun(): string;
  /** The run is its from now on. */
  claim(run: string, instance: Instance): void;
  /** Something about it changed: members may have, which count a moment later. */
  changed(instance: Instance): void;
  /** Members that changed count when this returns. */
  flushMembers(): void;
  /** It is among the members that count. */
  isMember(member: Member): boolean;
}

/** What the world was told of its endpoint last. */
interface Told {
  readonly member: Member;
  readonly traffic: ReturnType<typeof trafficOf>;
  readonly reason: string;
}

/** One instance of a process, whether it runs or not. */
export class Instance {
  readonly process: string;
  /** From 1. */
  readonly index: number;
  readonly name: string;
  /** What it is started with next. */
  settings: ProcessSettings;
  /** Its own from when it is chosen until it is given up. */
  port: number | undefined;
  /** Fingerprint of the settings its child was started with; undefined without a child. */
  bornBy: string | undefined;
  /** Not to be looked at for its memory before this (monotonic). */
  sparedUntilMs = 0;

  readonly #world: InstanceWorld;
  #machine: Machine;
  #sinceMs: number;
  #run: string | undefined;
  #identity: ProcessIdentity | undefined;
  #startedAtMs: number | undefined;
  #adopted = false;
  #ran = false;
  #lastExit: InstanceView["lastExit"];
  #told: Told | undefined;
  #timer: object | number | undefined;
  #timerDueMs: number | undefined;
  #endQuestions: (() => void) | undefined;
  #questionedAttempt = 0;
  #lastAnswer: string | undefined;
  #endDrainWatch: (() => void) | undefined;
  readonly #waiters = new Waiters();
  readonly #pending: MachineEvent[] = [];
  #busy = false;
  #closed = false;

  constructor(world: InstanceWorld, settings: ProcessSettings, index: number, reason: string) {
    this.#world = world;
    this.process = settings.name;
    this.index = index;
    this.name = instanceName(settings.name, index);
    this.settings = settings;
    this.#machine = newMachine(reason);
    this.#sinceMs = world.clock.nowMs();
  }

  get machine(): Machine {
    return this.#machine;
  }

  get state(): Machine["state"] {
    return this.#machine.state;
  }

  get run(): string | undefined {
    return this.#run;
  }

  get pid(): number | undefined {
    return this.#identity?.pid;
  }

  /** Its child is older than this Evenkeel. */
  get adopted(): boolean {
    return this.#adopted && this.#machine.child !== "none";
  }

  /** Its last start came as far as a child, which may have said something. */
  get ran(): boolean {
    return this.#ran;
  }

  /** Up and past its start. */
  get isUp(): boolean {
    return this.state === "RUNNING" || this.state === "READY";
  }

  /** It did what it was for: up, or ended as expected and left alone. */
  get isDone(): boolean {
    const code = this.#lastExit?.code;
    const expected = this.settings.restart.expectedExitCodes;
    const ended = this.state === "EXITED" && this.#machine.dueAtMs === undefined;
    return this.isUp || (ended && code !== undefined && expected.includes(code));
  }

  /** Nothing is there and nothing will be by itself. */
  get isGone(): boolean {
    return this.#machine.child === "none" && this.#machine.dueAtMs === undefined;
  }

  /** Asks it to start, stop or restart; `reason` is shown. */
  ask(kind: "start" | "stop" | "restart", reason: string): void {
    this.dispatch({ kind, reason });
  }

  /** Hands the machine an event, and carries out what it says. */
  dispatch(event: MachineEvent): void {
    this.#pending.push(event);
    if (this.#busy) return;
    this.#busy = true;
    try {
      for (let next = this.#pending.shift(); next; next = this.#pending.shift()) this.#step(next);
    } finally {
      this.#busy = false;
    }
  }

  launched(child: LivingChild): void {
    this.#know(child);
    this.dispatch({ kind: "launched", attempt: this.#machine.attempt });
  }

  saidReady(): void {
    const { attempt } = this.#machine;
    this.dispatch({ kind: "passed", attempt, reason: "said that it is ready" });
  }

  refused(reason: string): void {
    this.dispatch({ kind: "refused", attempt: this.#machine.attempt, reason });
  }

  exited({ code, signal, atMs }: Pick<ChildExit, "code" | "signal" | "atMs">): void {
    this.#lastExit = { code, signal, atMs };
    this.dispatch({ kind: "exited", attempt: this.#machine.attempt, code, signal });
  }

  /** A child that lives is its own from now on. */
  adopt(child: LivingChild): void {
    this.#world.claim(child.order.run, this);
    this.#run = child.order.run;
    this.port = child.order.port;
    this.#know(child);
    const upMs = Math.max(0, this.#world.clock.nowMs() - child.startedAtMs);
    this.dispatch({ kind: "adopted", ready: child.ready, upMs });
  }

  /** Goes on where a predecessor of the supervisor left off; `child` is what the keeper knows of it. */
  resume(saved: SavedInstance, child: LivingChild | undefined): void {
    this.#machine = saved.machine;
    this.#sinceMs = saved.sinceMs;
    this.#run = saved.run;
    this.port = saved.port;
    this.bornBy = saved.bornBy;
    this.#lastExit = saved.lastExit;
    this.#startedAtMs = saved.startedAtMs;
    this.#adopted = saved.adopted;
    if (saved.run !== undefined) this.#world.claim(saved.run, this);
    if (!child) {
      if (this.#machine.child === "preparing")
        this.#machine = startingAgain(this.#machine, this.#context());
      return;
    }
    this.#know(child);
    this.#adopted = saved.adopted;
    // What was heard of its launch came to nobody.
    if (this.#machine.child !== "alive") {
      this.#machine = { ...this.#machine, child: "ordered" };
      this.dispatch({ kind: "launched", attempt: this.#machine.attempt });
    }
    const { ready } = this.settings;
    if (this.#machine.state === "READY" && ready.kind === "probe") {
      this.#machine = askAgain(this.#machine, this.#context());
    }
    if (child.ready && this.state === "STARTING") this.saidReady();
  }

  /** Sends a signal to its child, as somebody asked for. False where there is none. */
  signal(signal: NodeJS.Signals): boolean {
    if (this.#run === undefined || this.#machine.child !== "alive") return false;
    this.#world.post({ kind: "signal", run: this.#run, signal, group: false });
    return true;
  }

  /** The endpoint that stands for it; undefined where there is none (now). */
  member(): Member | undefined {
    const { upstream, host, weight } = this.settings;
    const { port } = this;
    if (upstream === undefined || port === undefined || this.isGone) return undefined;
    return { upstream, host, port, weight, instance: this.name };
  }

  /** Resolves with what `look` answers as soon as it answers anything; undefined once `signal`
   * aborts. */
  until<T>(look: () => T | undefined, signal: AbortSignal): Promise<T | undefined> {
    return this.#waiters.until(look, signal);
  }

  view(): InstanceView {
    const { clock, usage } = this.#world;
    const { state, restarts, dueAtMs, child } = this.#machine;
    const { upstream, host } = this.settings;
    const pid = child === "none" ? undefined : this.pid;
    const used = pid === undefined ? undefined : usage(pid);
    const waits = state === "BACKOFF" || state === "EXITED" || state === "FATAL";
    return {
      name: this.name,
      process: this.process,
      index: this.index,
      state,
      reason: this.#reason,
      sinceMs: this.#sinceMs,
      pid,
      startedAtMs: pid === undefined ? undefined : this.#startedAtMs,
      address: this.port === undefined ? undefined : { host, port: this.port },
      upstream,
      restarts,
      lastExit: this.#lastExit,
      nextStartAtMs:
        waits && dueAtMs !== undefined ? clock.nowMs() + dueAtMs - clock.monotonicMs() : undefined,
      adopted: this.adopted,
      done: this.isDone && !this.isUp,
      outdated: undefined,
      cpu: used?.cpu,
      memoryBytes: used?.memoryBytes,
      logPath: logPaths(this.settings, this.index).out,
    };
  }

  /** Of one that takes its time to start: what it is waiting for. */
  get #reason(): string {
    const { state, child, reason } = this.#machine;
    if (state !== "STARTING" || child !== "alive") return reason;
    if (this.settings.ready.kind === "notify")
      return `${reason}; it did not say yet that it is ready`;
    return this.#lastAnswer === undefined
      ? reason
      : `${reason}; not ready yet: ${this.#lastAnswer}`;
  }

  /** Says why it was not started yet. */
  explain(reason: string): void {
    if (this.state === "STOPPED") this.#machine = { ...this.#machine, reason };
  }

  /** Takes the place of another, whose starts count as its own. */
  follow(old: Instance): void {
    this.#machine = { ...this.#machine, restarts: old.machine.restarts + 1 };
    this.sparedUntilMs = old.sparedUntilMs;
  }

  save(role: SavedInstance["role"]): SavedInstance {
    return {
      role,
      index: this.index,
      machine: this.#machine,
      sinceMs: this.#sinceMs,
      run: this.#run,
      port: this.port,
      bornBy: this.bornBy,
      settings: this.settings.fingerprint,
      startedAtMs: this.#startedAtMs,
      adopted: this.#adopted,
      lastExit: this.#lastExit,
    };
  }

  /** Brings the world into line with what it is now; after `resume` and changed settings. */
  refresh(): void {
    this.#settle(this.#machine.state);
  }

  /** An event that is not its machine's. */
  emit(event: BareEvent): void {
    const { onEvent, clock } = this.#world;
    onEvent({ process: this.process, instance: this.name, atMs: clock.nowMs(), ...event });
  }

  /** Ends timers and questions. The child is not touched. */
  close(): void {
    this.#closed = true;
    this.#world.timers.clearTimeout(this.#timer);
    this.#endDrainWatch?.();
    this.#endQuestions?.();
  }

  #know({ order, identity, startedAtMs, adopted }: LivingChild): void {
    this.#identity = identity;
    this.#ran = true;
    this.#startedAtMs = startedAtMs;
    this.#adopted = adopted;
    this.bornBy = order.fingerprint;
  }

  #context(): MachineContext {
    const { clock, random } = this.#world;
    return { settings: this.settings, nowMs: clock.monotonicMs(), random: random() };
  }

  #step(event: MachineEvent): void {
    if (this.#closed) return;
    const before = this.#machine;
    const { machine, effects } = step(before, event, this.#context());
    if (machine === before) return;
    this.#machine = machine;
    if (machine.state !== before.state) this.#sinceMs = this.#world.clock.nowMs();
    if (machine.child === "none" && before.child !== "none")
      this.#identity = this.bornBy = undefined;
    this.#tellLess();
    for (const effect of effects) this.#carryOut(effect);
    this.#settle(before.state);
  }

  #settle(from: Machine["state"]): void {
    this.#tellMore();
    this.#setTimer();
    this.#askIfReady();
    this.#watchDrain();
    const { state: to, reason } = this.#machine;
    if (from !== to) this.emit({ kind: "state", from, to, reason });
    // After it was told: others may start because of it.
    this.#world.changed(this);
    this.#world.onCheckpoint();
    this.#waiters.look();
  }

  #carryOut(effect: Effect): void {
    switch (effect.kind) {
      case "launch":
        return void this.#launch(effect.attempt);
      case "signal":
        this.#send(effect.signal, this.settings.stop.group);
        // What is frozen would not hear of it; systemd does the same.
        return this.#send("SIGCONT", this.settings.stop.group);
      case "sweep":
        return this.#send("SIGKILL", true);
      case "died":
        return this.emit({ ...effect, code: this.#lastExit?.code, signal: this.#lastExit?.signal });
      case "crash_loop":
      case "crash_loop_over":
        return this.emit(effect);
    }
  }

  #send(signal: NodeJS.Signals, group: boolean): void {
    if (this.#run !== undefined) {
      this.#world.post({ kind: "signal", run: this.#run, signal, group });
    }
  }

  async #launch(attempt: number): Promise<void> {
    const isWanted = (): boolean =>
      !this.#closed && this.#machine.attempt === attempt && this.#machine.child === "preparing";
    if (this.settings.ports) {
      const found = await this.#world.reserve(this);
      if (!isWanted()) return;
      if (!found) return this.refused(noPortFree(this.settings));
    } else {
      this.port = undefined;
    }
    const run = this.#world.newRun();
    this.#run = run;
    this.#ran = false;
    this.#lastAnswer = undefined;
    this.#world.claim(run, this);
    const { index, port } = this;
    const order = launchOrder(this.settings, { run, index, port }, this.#world.environment);
    this.bornBy = order.fingerprint;
    this.dispatch({ kind: "ordered", attempt });
    this.#world.post({ kind: "launch", order });
  }

  /** No traffic any more, or no new one: said before anything else is done. */
  #tellLess(): void {
    const traffic = trafficOf(this.#machine);
    if (!this.#told || this.#told.traffic === traffic || traffic === "ready") return;
    this.#tell({ member: this.#told.member, traffic, reason: this.#machine.reason });
  }

  /** What traffic it may get at the address it has now. Nobody sends any to one that is not known
   * yet, so that it is only told of once there is some to be had. */
  #tellMore(): void {
    const member = this.member();
    const traffic = trafficOf(this.#machine);
    if (!member) {
      this.#told = undefined;
      return;
    }
    if (traffic !== "stopped") this.#world.flushMembers();
    else if (!this.#world.isMember(member)) return;
    const told = { member, traffic, reason: this.#machine.reason };
    if (!isDeepStrictEqual(this.#told, told)) this.#tell(told);
  }

  #tell(told: Told): void {
    this.#told = told;
    this.#world.tell(told.member, told.traffic, told.reason);
  }

  #setTimer(): void {
    const { dueAtMs } = this.#machine;
    if (dueAtMs === this.#timerDueMs) return;
    const { timers, clock } = this.#world;
    timers.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerDueMs = dueAtMs;
    if (dueAtMs === undefined || this.#closed) return;
    const inMs = Math.max(0, Math.ceil(dueAtMs - clock.monotonicMs()));
    this.#timer = timers.setTimeout(() => {
      this.#timerDueMs = undefined;
      this.dispatch({ kind: "due", detail: this.#lastAnswer });
      this.#setTimer();
    }, inMs);
  }

  #askIfReady(): void {
    const { probing, attempt } = this.#machine;
    const { ready, host } = this.settings;
    const isWanted = probing && ready.kind === "probe";
    if (this.#endQuestions && isWanted && this.#questionedAttempt === attempt) return;
    this.#endQuestions?.();
    this.#endQuestions = undefined;
    if (!isWanted || this.#closed) return;
    this.#questionedAttempt = attempt;
    this.#endQuestions = askUntilReady(
      this.#world,
      { ready, host, port: this.port },
      {
        passed: (reason) => this.dispatch({ kind: "passed", attempt, reason }),
        failed: (detail) => {
          this.#lastAnswer = detail;
        },
      },
    );
  }

  #watchDrain(): void {
    const isDraining = this.state === "DRAINING";
    if (isDraining === (this.#endDrainWatch !== undefined)) return;
    this.#endDrainWatch?.();
    this.#endDrainWatch = undefined;
    if (!isDraining || this.#closed) return;
    const { timers, inFlight } = this.#world;
    this.#endDrainWatch = watchDrain(timers, {
      inFlight: () => {
        const member = this.member();
        return member ? inFlight(member) : 0;
      },
      drained: () => this.dispatch({ kind: "drained" }),
    });
  }
}
