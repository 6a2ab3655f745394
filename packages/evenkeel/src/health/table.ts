/**
 * The health table: the shell that carries events to each endpoint's state machine and what follows
 * from it to the board, to the listeners and to the timers. All judgement is in the pure parts.
 */
import type { Board } from "../board/board.ts";
import type { UpstreamHealth } from "../snapshot/desired.ts";
import { createAttention } from "./attention.ts";
import { fromCheckpoint, type SavedEndpoint, savedKey, toCheckpoint } from "./checkpoint.ts";
import type { Clock, Timers } from "./clock.ts";
import type {
  EndpointHealth,
  HealthChange,
  HealthTable,
  OperatorCommand,
  ProcessFact,
} from "./contract.ts";
import { Group } from "./group.ts";
import { type Member, plainWeight, resetFacts, rulesOf } from "./member.ts";
import { createPassive, hasRoom, type PassiveVerdict } from "./passive.ts";
import type { Probe, ProbeResult } from "./probes/probe.ts";
import { createRamps } from "./ramps.ts";
import { createReturns, LONGEST_BY_SIGNAL_MS } from "./returns.ts";
import { rowOf } from "./row.ts";
import { checkDelayMs, createSchedule } from "./schedule.ts";
import {
  type Ejection,
  type EndpointState,
  type HealthEvent,
  firstState,
  isCounting,
  isStopped,
  next,
} from "./state.ts";
import { standingOf, voteOf } from "./standing.ts";

/** An upstream's panic began or ended. */
export interface PanicChange {
  readonly upstream: string;
  readonly panicking: boolean;
  readonly atMs: number;
}

/** What the table needs from outside. */
export interface HealthDeps {
  readonly board: Board;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly probe: Probe;
  onChange(change: HealthChange): void;
  onPanic?(change: PanicChange): void;
  /** Something worth saving changed; cheap, and may come often: gather before saving. */
  onCheckpoint?(): void;
  /** Checks running at the same time over all upstreams; 64 where left out. */
  readonly concurrentChecks?: number;
}

const DEFAULT_CONCURRENT_CHECKS = 64;
const LOOK_EVERY_MS = 1000;
const LOOK_GAP_MS = 20;

/** An empty table; `saved` is what `checkpoint` returned before a crash. The caller closes it. */
export function createHealthTable(deps: HealthDeps, saved?: unknown): HealthTable {
  return new Table(deps, fromCheckpoint(saved));
}

class Table implements HealthTable {
  readonly #deps: HealthDeps;
  /** Taken back by the first `apply` and forgotten after it. */
  #saved: Map<string, SavedEndpoint>;
  #groups = new Map<string, Group>();
  readonly #schedule;
  readonly #attention;
  readonly #passive;
  readonly #ramps;
  readonly #returns;

  constructor(deps: HealthDeps, saved: Map<string, SavedEndpoint>) {
    this.#deps = deps;
    this.#saved = saved;
    this.#passive = createPassive(deps.board);
    this.#ramps = createRamps({
      clock: deps.clock,
      timers: deps.timers,
      step: (member) => this.#group(member).settle(member, deps.clock.monotonicMs()),
      done: (member) => this.#happen(member, { kind: "warmed", atMs: deps.clock.nowMs() }),
    });
    this.#returns = createReturns(deps.timers, (member) =>
      this.#happen(member, { kind: "ejection-over", atMs: deps.clock.nowMs() }),
    );
    this.#schedule = createSchedule<Member>({
      clock: deps.clock,
      timers: deps.timers,
      concurrency: deps.concurrentChecks ?? DEFAULT_CONCURRENT_CHECKS,
      check: (member, signal) => this.#check(member, signal),
      onResult: (member, result) => this.#checked(member, result),
      delayMs: (member) => this.#checkDelayMs(member),
    });
    this.#attention = createAttention({
      board: deps.board,
      timers: deps.timers,
      everyMs: LOOK_EVERY_MS,
      gapMs: LOOK_GAP_MS,
      look: () => this.#look(),
    });
  }

  apply(upstreams: readonly UpstreamHealth[]): void {
    const before = this.#groups;
    this.#groups = new Map();
    for (const settings of upstreams) {
      const group = before.get(settings.upstream) ?? new Group(this.#deps.board, settings);
      this.#groups.set(settings.upstream, group);
    }
    // All that goes goes first: somebody new may get its slot.
    this.#dropAbsent(before, upstreams);
    for (const settings of upstreams) this.#applyGroup(settings);
    for (const group of this.#groups.values()) this.#settleAll(group);
    this.#saved = new Map();
    this.#deps.onCheckpoint?.();
  }

  command(upstream: string, endpoint: string, command: OperatorCommand): boolean {
    if (command.kind === "weight") requireWeight(command.weight);
    const member = this.#groups.get(upstream)?.members.get(endpoint);
    if (!member) return false;
    this.#happen(member, { kind: "commanded", command, atMs: this.#deps.clock.nowMs() });
    return true;
  }

  process(upstream: string, endpoint: string, fact: ProcessFact | undefined): boolean {
    const member = this.#groups.get(upstream)?.members.get(endpoint);
    if (!member) return false;
    this.#happen(member, { kind: "process", fact, atMs: this.#deps.clock.nowMs() });
    return true;
  }

  signalWeight(upstream: string, endpoint: string, percent: number, reason: string): boolean {
    requirePercent(percent);
    const member = this.#groups.get(upstream)?.members.get(endpoint);
    if (!member) return false;
    const signal = percent < 100 ? { percent, reason } : undefined;
    this.#happen(member, { kind: "weighed", signal, atMs: this.#deps.clock.nowMs() });
    return true;
  }

  signalEject(upstream: string, endpoint: string, forMs: number, reason: string): boolean {
    const group = this.#groups.get(upstream);
    const member = group?.members.get(endpoint);
    if (!group || !member) return false;
    const lastsMs = Math.min(forMs, LONGEST_BY_SIGNAL_MS);
    const untilMs = this.#deps.clock.nowMs() + lastsMs;
    const before = member.state.ejection;
    if (before && before.untilMs >= untilMs) return true;
    if (!before && (member.vote !== "serves" || !hasRoom(group))) return false;
    this.#passive.leave(member, this.#deps.clock.monotonicMs());
    this.#eject(member, { reason, untilMs, by: "signal" }, lastsMs);
    return true;
  }

  list(): readonly EndpointHealth[] {
    const rows: EndpointHealth[] = [];
    for (const group of this.#groups.values()) {
      for (const { name } of group.settings.endpoints) {
        const member = group.members.get(name);
        if (member) rows.push(rowOf(group, member, this.#timesEjected(member)));
      }
    }
    return rows;
  }

  panicking(): readonly string[] {
    const names: string[] = [];
    for (const [name, group] of this.#groups) if (group.panicking) names.push(name);
    return names;
  }

  checkpoint(): unknown {
    const endpoints: SavedEndpoint[] = [];
    for (const group of this.#groups.values()) {
      for (const member of group.members.values()) {
        endpoints.push({
          upstream: group.settings.upstream,
          endpoint: member.settings.name,
          slot: member.settings.slot,
          timesEjected: this.#timesEjected(member),
          ejections: member.ejections,
          state: member.state,
          lastCheck: member.lastCheck,
        });
      }
    }
    return toCheckpoint(endpoints);
  }

  async close(): Promise<void> {
    this.#ramps.close();
    this.#returns.close();
    await Promise.all([this.#schedule.close(), this.#attention.close()]);
  }

  #dropAbsent(before: ReadonlyMap<string, Group>, upstreams: readonly UpstreamHealth[]): void {
    const wanted = new Map(upstreams.map((settings) => [settings.upstream, settings.endpoints]));
    for (const [name, group] of before) {
      const names = new Set(wanted.get(name)?.map((endpoint) => endpoint.name));
      const absent = [...group.members.values()].filter(
        ({ settings }) => !names.has(settings.name),
      );
      for (const member of absent) this.#remove(group, member);
      if (absent.length > 0) group.publish();
    }
  }

  #applyGroup(settings: UpstreamHealth): void {
    const group = this.#groups.get(settings.upstream)!;
    group.settings = settings;
    for (const endpoint of settings.endpoints) {
      const member = group.members.get(endpoint.name);
      if (member) this.#keep(group, member, endpoint, settings);
      else this.#add(group, endpoint, settings);
    }
  }

  #settleAll(group: Group): void {
    if (group.settleAll(this.#deps.clock.monotonicMs())) this.#tellPanic(group);
  }

  #add(group: Group, settings: Member["settings"], upstream: UpstreamHealth): void {
    const saved = this.#saved.get(savedKey(upstream.upstream, settings.name));
    const back = saved?.slot === settings.slot ? saved : undefined;
    const nowMs = this.#deps.clock.nowMs();
    const rules = rulesOf(upstream);
    const member: Member = {
      settings,
      upstream,
      state: back?.state ?? firstState(upstream.check !== undefined, rules, nowMs),
      lastCheck: back?.lastCheck,
      ejections: back?.ejections ?? 0,
      warmingFromMs: undefined,
      vote: "apart",
    };
    if (!back) resetFacts(this.#deps.board, settings.slot);
    this.#passive.track(member, back?.timesEjected ?? 0, this.#deps.clock.monotonicMs());
    member.vote = voteOf(standingOf(member.state), plainWeight(member));
    group.admit(member);
    if (back) this.#resume(member, nowMs);
    this.#followWarming(member, back ? nowMs - member.state.sinceMs : 0);
    if (upstream.check && !isStopped(member.state)) this.#schedule.start(member);
  }

  /** Starts again what a timer of the lost control thread would have done. */
  #resume(member: Member, nowMs: number): void {
    this.#followSettings(member, nowMs);
    const { ejection } = member.state;
    if (ejection) this.#returns.start(member, ejection.untilMs - nowMs);
  }

  #keep(
    group: Group,
    member: Member,
    settings: Member["settings"],
    upstream: UpstreamHealth,
  ): void {
    const asked = question(member);
    const moved = settings.slot !== member.settings.slot;
    group.replaceSettings(member, settings, upstream);
    if (moved) this.#move(member);
    this.#followSettings(member, this.#deps.clock.nowMs());
    if (upstream.check === undefined) this.#schedule.stop(member);
    else if (question(member) !== asked && !isStopped(member.state)) this.#schedule.start(member);
  }

  #move(member: Member): void {
    const monotonicMs = this.#deps.clock.monotonicMs();
    resetFacts(this.#deps.board, member.settings.slot);
    this.#passive.track(member, this.#passive.timesEjected(member, monotonicMs), monotonicMs);
  }

  /** What the configuration switched on or off around a member that stays. */
  #followSettings(member: Member, atMs: number): void {
    const { check, slowStart, ejection } = member.upstream;
    this.#happen(member, { kind: check ? "check-added" : "check-removed", atMs });
    if (slowStart === undefined) this.#happen(member, { kind: "warmed", atMs });
    const byRequests = member.state.ejection?.by === "requests";
    if (!ejection.enabled && byRequests) this.#happen(member, { kind: "ejection-over", atMs });
  }

  #remove(group: Group, member: Member): void {
    this.#schedule.stop(member);
    this.#ramps.stop(member);
    this.#returns.stop(member);
    this.#passive.forget(member);
    group.dismiss(member);
  }

  #group(member: Member): Group {
    return this.#groups.get(member.upstream.upstream)!;
  }

  /** The only way a state changes. */
  #happen(member: Member, event: HealthEvent): void {
    const before = member.state;
    member.state = next(before, event, rulesOf(member.upstream));
    if (member.state === before) return;
    if (member.state.warming !== before.warming) this.#followWarming(member, 0);
    if (before.ejection && !member.state.ejection) this.#returns.stop(member);
    if (isStopped(before) !== isStopped(member.state)) this.#followProcess(member);
    if (isBack(before, member.state)) this.#passive.restart(member, this.#deps.clock.monotonicMs());
    const group = this.#group(member);
    const flipped = group.settle(member, this.#deps.clock.monotonicMs());
    if (before.state !== member.state.state) this.#tellChange(member, before.state, event.atMs);
    if (flipped) this.#tellPanic(group);
    this.#deps.onCheckpoint?.();
  }

  #followWarming(member: Member, elapsedMs: number): void {
    const ramp = member.upstream.slowStart;
    if (member.state.warming && ramp) this.#ramps.start(member, ramp, elapsedMs);
    else this.#ramps.stop(member);
  }

  /** Nobody is asked while there is no process; the next one is asked at once. */
  #followProcess(member: Member): void {
    if (isStopped(member.state)) {
      this.#schedule.stop(member);
      return;
    }
    resetFacts(this.#deps.board, member.settings.slot);
    if (member.upstream.check) this.#schedule.start(member);
  }

  async #check(member: Member, signal: AbortSignal): Promise<ProbeResult> {
    const { check } = member.upstream;
    if (!check) return { verdict: "unknown", tookMs: 0, detail: "no check is configured" };
    const { host, port } = member.settings;
    const { probe: settings, timeoutMs } = check;
    return this.#deps.probe({ settings, host, port: check.port ?? port, timeoutMs }, signal);
  }

  #checked(member: Member, result: ProbeResult): void {
    const { verdict, tookMs, detail } = result;
    const atMs = this.#deps.clock.nowMs();
    const passed = verdict === "passed";
    member.lastCheck = { passed, atMs, tookMs, detail };
    if (verdict !== "unknown") this.#happen(member, { kind: "checked", passed, detail, atMs });
  }

  #checkDelayMs(member: Member): number {
    const { check } = member.upstream;
    if (!check) return LOOK_EVERY_MS;
    return checkDelayMs(check, isCounting(member.state.check), this.#deps.random);
  }

  #look(): void {
    const nowMs = this.#deps.clock.nowMs();
    const monotonicMs = this.#deps.clock.monotonicMs();
    for (const group of this.#groups.values()) {
      this.#passive.look(group, { nowMs, monotonicMs }, (member, verdict) =>
        this.#carryOut(member, verdict, nowMs),
      );
    }
  }

  #carryOut(member: Member, verdict: PassiveVerdict, atMs: number): void {
    if (verdict.kind === "ejected") {
      const { reason, forMs } = verdict;
      this.#eject(member, { reason, untilMs: atMs + forMs, by: "requests" }, forMs);
    } else {
      this.#happen(member, { ...verdict, atMs });
    }
  }

  #eject(member: Member, ejection: Ejection, forMs: number): void {
    if (!member.state.ejection) member.ejections++;
    this.#happen(member, { kind: "ejected", ...ejection, atMs: this.#deps.clock.nowMs() });
    this.#returns.start(member, forMs);
  }

  #timesEjected(member: Member): number {
    return this.#passive.timesEjected(member, this.#deps.clock.monotonicMs());
  }

  #tellChange(member: Member, from: EndpointHealth["state"], atMs: number): void {
    const { upstream, settings, state } = member;
    const { reason, state: to } = state;
    this.#deps.onChange({
      upstream: upstream.upstream,
      endpoint: settings.name,
      from,
      to,
      reason,
      atMs,
    });
  }

  #tellPanic(group: Group): void {
    this.#deps.onPanic?.({
      upstream: group.settings.upstream,
      panicking: group.panicking,
      atMs: this.#deps.clock.nowMs(),
    });
  }
}

/** True where traffic returns after whatever kept it away: what failed before must not be held
 * against the endpoint a second time. */
function isBack(before: EndpointState, after: EndpointState): boolean {
  const serves = (state: EndpointState): boolean => voteOf(standingOf(state), 1) === "serves";
  return !serves(before) && serves(after);
}

/** What a check asks, as one comparable word: it changes exactly when a new check is due now. */
function question(member: Member): string {
  const { host, port } = member.settings;
  return JSON.stringify([host, port, member.upstream.check]);
}

function requireWeight(weight: number | undefined): void {
  if (weight === undefined) return;
  if (!Number.isInteger(weight) || weight < 0 || weight > 65_535) {
    throw new RangeError(`a weight is a whole number from 0 to 65535, not ${weight}`);
  }
}

function requirePercent(percent: number): void {
  if (!(percent > 0 && percent <= 100)) {
    throw new RangeError(`a share of a weight is above 0 and at most 100 %, not ${percent}`);
  }
}
