/**
 * The state of one endpoint: everything that judges it, merged into one word.
 *
 * Checks, ejection, nginx's hold, the process, the operator, signals and slow start are kept as
 * separate facts, each with its own life; the state is the worst that applies (the order of `HealthState`). So nothing is
 * forgotten while something worse is in force: an endpoint that is drained while its check fails is
 * still unhealthy when the drain ends. Pure: no clock, no timer; events bring their time along.
 */
import type { HealthState, OperatorCommand, ProcessFact, SignalWeight } from "./contract.ts";

/** What the active check says. `failures` and `passes` are in a row, towards the other verdict.
 * `everPassed` is false until one passes since the endpoint, or the process behind it, is known. */
export type CheckFact =
  | { readonly kind: "none" }
  | { readonly kind: "probing" }
  | { readonly kind: "passing"; readonly failures: number }
  | {
      readonly kind: "failing";
      readonly passes: number;
      readonly reason: string;
      readonly everPassed: boolean;
    };

/** Why an endpoint is out for a time, and until when on the wall clock. */
export interface Absence {
  readonly reason: string;
  readonly untilMs: number;
}

/** A time out, and who asked for it: switching passive ejection off ends only its own. */
export interface Ejection extends Absence {
  readonly by: "requests" | "signal";
}

/** One endpoint's facts and the state they add up to. Plain data: it survives a checkpoint. */
export interface EndpointState {
  readonly state: HealthState;
  /** Why; changes together with `state`. While `stopped` or `draining` it follows what is told of
   * the process. */
  readonly reason: string;
  /** Wall clock; changes together with `state` and only then. */
  readonly sinceMs: number;
  readonly check: CheckFact;
  readonly ejection: Ejection | undefined;
  readonly hold: Absence | undefined;
  /** Undefined: it stands for no process. */
  readonly process: ProcessFact | undefined;
  /** A lowered weight; changes nothing else. */
  readonly signal: SignalWeight | undefined;
  readonly operator: "none" | "drained" | "ejected";
  readonly operatorWeight: number | undefined;
  /** True from the moment traffic returns until `warmed`, where slow start is on. */
  readonly warming: boolean;
}

/** The settings a transition depends on. */
export interface Rules {
  readonly healthyThreshold: number;
  readonly unhealthyThreshold: number;
  /** Whether new and recovered endpoints build their traffic up. */
  readonly slowStart: boolean;
}

/** What can happen to an endpoint. `atMs` is the wall clock. */
export type HealthEvent = { readonly atMs: number } & (
  | { readonly kind: "checked"; readonly passed: boolean; readonly detail: string }
  /** The configuration gained or lost the check of an endpoint that stays. */
  | { readonly kind: "check-added" | "check-removed" }
  | ({ readonly kind: "ejected" } & Ejection)
  | ({ readonly kind: "held" } & Absence)
  | { readonly kind: "ejection-over" | "hold-over" }
  /** The traffic is built up, or slow start was switched off. */
  | { readonly kind: "warmed" }
  | { readonly kind: "commanded"; readonly command: OperatorCommand }
  | { readonly kind: "process"; readonly fact: ProcessFact | undefined }
  | { readonly kind: "weighed"; readonly signal: SignalWeight | undefined }
);

/** The facts without the state that follows from them. */
type Facts = Omit<EndpointState, "state" | "reason" | "sinceMs">;

/** An endpoint nobody has seen before. With a check it waits for its first pass. */
export function firstState(checked: boolean, rules: Rules, atMs: number): EndpointState {
  const facts: Facts = {
    check: { kind: checked ? "probing" : "none" },
    ejection: undefined,
    hold: undefined,
    process: undefined,
    signal: undefined,
    operator: "none",
    operatorWeight: undefined,
    warming: !checked && rules.slowStart,
  };
  const state = checked ? "probing" : rules.slowStart ? "warming" : "healthy";
  const reason = checked ? "new: waiting for its first check" : "new, and no check is configured";
  return { ...facts, state, reason, sinceMs: atMs };
}

/** The state after `event`. Returns `state` itself where nothing changed. */
export function next(state: EndpointState, event: HealthEvent, rules: Rules): EndpointState {
  const facts = after(state, event, rules);
  if (facts === state) return state;
  const settled = settle(state, facts, rules);
  const merged = worst(settled);
  if (merged !== state.state) {
    const reason = reasonFor(merged, settled, state, event);
    return { ...settled, state: merged, reason, sinceMs: event.atMs };
  }
  const follows = merged === "stopped" || merged === "draining";
  const reason = follows ? reasonFor(merged, settled, state, event) : state.reason;
  return { ...settled, state: merged, reason, sinceMs: state.sinceMs };
}

/** When the state ends by itself, on the wall clock; undefined where nothing is scheduled. */
export function returnsAtMs(state: EndpointState): number | undefined {
  if (state.state === "ejected") return state.ejection?.untilMs;
  if (state.state === "failed") return state.hold?.untilMs;
  return undefined;
}

/** True where the process it stands for is not there: it is neither checked nor judged. */
export function isStopped(state: Pick<EndpointState, "process">): boolean {
  return state.process?.state === "stopped";
}

/** True while passes or failures are being counted, or nothing is known yet: check faster. */
export function isCounting(check: CheckFact): boolean {
  if (check.kind === "passing") return check.failures > 0;
  return check.kind === "probing" || (check.kind === "failing" && check.passes > 0);
}

/** The event's own effect on the facts; the same object where it has none. */
function after(state: EndpointState, event: HealthEvent, rules: Rules): Facts {
  switch (event.kind) {
    case "checked":
      // A check that was under way when the process ended says nothing about the next one.
      return isStopped(state) ? state : withCheck(state, afterCheck(state.check, event, rules));
    case "check-added":
      if (state.check.kind !== "none") return state;
      return {
        ...state,
        check: isStopped(state) ? { kind: "probing" } : { kind: "passing", failures: 0 },
      };
    case "check-removed":
      return state.check.kind === "none" ? state : { ...state, check: { kind: "none" } };
    case "ejected":
      return {
        ...state,
        ejection: { reason: event.reason, untilMs: event.untilMs, by: event.by },
      };
    case "ejection-over":
      return state.ejection ? { ...state, ejection: undefined } : state;
    case "held":
      return { ...state, hold: { reason: event.reason, untilMs: event.untilMs } };
    case "hold-over":
      return state.hold ? { ...state, hold: undefined } : state;
    case "warmed":
      return state.warming ? { ...state, warming: false } : state;
    case "process":
      return afterProcess(state, event.fact);
    case "weighed":
      return sameSignal(state.signal, event.signal) ? state : { ...state, signal: event.signal };
    case "commanded":
    default:
      return afterCommand(state, event.command);
  }
}

function withCheck(state: EndpointState, check: CheckFact): Facts {
  return check === state.check ? state : { ...state, check };
}

function afterCheck(
  check: CheckFact,
  result: { readonly passed: boolean; readonly detail: string },
  rules: Rules,
): CheckFact {
  switch (check.kind) {
    case "none":
      return check;
    case "probing":
      return result.passed
        ? { kind: "passing", failures: 0 }
        : {
            kind: "failing",
            passes: 0,
            reason: `its first check failed: ${result.detail}`,
            everPassed: false,
          };
    case "passing": {
      if (result.passed) return check.failures === 0 ? check : { kind: "passing", failures: 0 };
      const failures = check.failures + 1;
      if (failures < rules.unhealthyThreshold) return { kind: "passing", failures };
      const reason = failed(failures, result.detail);
      return { kind: "failing", passes: 0, reason, everPassed: true };
    }
    case "failing":
    default: {
      if (!result.passed) return check.passes === 0 ? check : { ...check, passes: 0 };
      const passes = check.passes + 1;
      return passes < rules.healthyThreshold
        ? { ...check, passes, everPassed: true }
        : { kind: "passing", failures: 0 };
    }
  }
}

/** Whoever was stopped comes back as somebody new: nothing that was found out about the process
 * before is held against the next one. What the operator said stays. */
function afterProcess(state: EndpointState, fact: ProcessFact | undefined): Facts {
  const { process } = state;
  if (fact?.state === process?.state && fact?.reason === process?.reason) return state;
  if (fact?.state !== "stopped" && !isStopped(state)) return { ...state, process: fact };
  return {
    ...state,
    process: fact,
    check: state.check.kind === "none" ? state.check : { kind: "probing" },
    ejection: undefined,
    hold: undefined,
    signal: undefined,
  };
}

function sameSignal(one: SignalWeight | undefined, other: SignalWeight | undefined): boolean {
  return one?.percent === other?.percent && one?.reason === other?.reason;
}

function afterCommand(state: EndpointState, command: OperatorCommand): Facts {
  switch (command.kind) {
    case "drain":
      return spoken(state, "drained");
    case "eject":
      return spoken(state, "ejected");
    case "undrain":
      return state.operator === "drained" ? spoken(state, "none") : state;
    case "restore":
      // Brings the endpoint back as far as an operator can: a failing check still holds it.
      return state.ejection
        ? { ...spoken(state, "none"), ejection: undefined }
        : spoken(state, "none");
    case "weight":
    default:
      return command.weight === state.operatorWeight
        ? state
        : { ...state, operatorWeight: command.weight };
  }
}

function spoken(state: EndpointState, operator: EndpointState["operator"]): Facts {
  return state.operator === operator ? state : { ...state, operator };
}

/** Starts slow start when traffic returns, and ends it when traffic is taken away. */
function settle(before: EndpointState, facts: Facts, rules: Rules): Facts {
  const serves = worst({ ...facts, warming: false }) === "healthy";
  const served = before.state === "healthy" || before.state === "warming";
  const warming = serves && (served ? facts.warming : rules.slowStart);
  return warming === facts.warming ? facts : { ...facts, warming };
}

/** The one place that knows the order. */
function worst(facts: Facts): HealthState {
  if (facts.operator === "ejected") return "ejected_by_operator";
  if (isStopped(facts)) return "stopped";
  if (facts.operator === "drained" || facts.process?.state === "draining") return "draining";
  if (facts.check.kind === "failing") return "unhealthy";
  if (facts.ejection) return "ejected";
  if (facts.check.kind === "probing") return "probing";
  if (facts.hold) return "failed";
  return facts.warming ? "warming" : "healthy";
}

function reasonFor(
  to: HealthState,
  facts: Facts,
  before: EndpointState,
  event: HealthEvent,
): string {
  switch (to) {
    case "ejected_by_operator":
      return "ejected by the operator";
    case "stopped":
      return facts.process?.reason ?? "its process is not ready";
    case "draining":
      return facts.operator === "drained"
        ? "drained by the operator"
        : (facts.process?.reason ?? "its process is being emptied");
    case "unhealthy":
      return facts.check.kind === "failing" ? facts.check.reason : "its check failed";
    case "ejected":
      return facts.ejection?.reason ?? "its requests failed";
    case "failed":
      return facts.hold?.reason ?? "its requests failed";
    case "probing":
      return "waiting for its first check";
    case "warming":
    case "healthy":
    default:
      return recovery(before, event);
  }
}

/** What gave the endpoint its traffic back. */
function recovery(before: EndpointState, event: HealthEvent): string {
  switch (event.kind) {
    case "checked":
      return before.check.kind === "failing"
        ? passed(before.check.passes + 1)
        : "its first check passed";
    case "check-removed":
      return "no check is configured any more";
    case "ejection-over":
      return "its time out is over";
    case "hold-over":
      return "max_fails no longer holds it back";
    case "warmed":
      return "its traffic is built up";
    case "commanded":
      return event.command.kind === "undrain"
        ? "undrained by the operator"
        : "restored by the operator";
    case "process":
      return event.fact?.reason ?? "it stands for no process any more";
    case "check-added":
    case "ejected":
    case "held":
    case "weighed":
    default:
      // None of these gives traffic back; named so that a new event cannot be forgotten here.
      return before.reason;
  }
}

function failed(times: number, detail: string): string {
  return times === 1 ? `its check failed: ${detail}` : `${times} checks in a row failed: ${detail}`;
}

function passed(times: number): string {
  return times === 1 ? "its check passed again" : `${times} checks in a row passed`;
}
