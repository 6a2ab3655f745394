/**
 * One run of a plan as a state machine: what has happened in, what comes next out. Pure.
 *
 * asking -> acting <-> checking -> ... -> verifying -> ended
 *                \______ undoing ______________/
 */
import type { PlanSettings } from "../snapshot/plan-settings.ts";

/** `mitigated`: the trigger has ended. `stopped`: a person or the configuration said so. `aborted`:
 * the operator took the object. */
export type RunOutcome = "mitigated" | "failed" | "stopped" | "aborted";

export interface RunState {
  /** `checking` waits for the step's own verification, `verifying` for the trigger to end. */
  readonly phase: "asking" | "acting" | "checking" | "verifying" | "undoing" | "ended";
  readonly step: number;
  /** Of the step, from 0. */
  readonly attempt: number;
  /** Steps to be reverted, first one first. */
  readonly applied: readonly number[];
  /** A verification of the plan's own has passed. */
  readonly confirmed: boolean;
  /** Set as soon as it is known how it ends. */
  readonly outcome: RunOutcome | undefined;
  /** One sentence: why it ends so. */
  readonly text: string;
}

export type RunEvent =
  | { readonly kind: "answered"; readonly go: boolean; readonly text: string }
  /** The step's action is done; `undo`: it can be reverted. */
  | { readonly kind: "acted"; readonly undo: boolean }
  | { readonly kind: "checked" }
  /** `undo`: what was begun can be reverted all the same. */
  | { readonly kind: "failed"; readonly problem: string; readonly undo?: boolean }
  | { readonly kind: "verified"; readonly text: string }
  /** Time is up: the trigger still holds, or nobody can say. */
  | { readonly kind: "unverified"; readonly truth: "true" | "unknown"; readonly text: string }
  | { readonly kind: "undone" }
  /** The plan was removed or switched off. */
  | { readonly kind: "cancelled"; readonly text: string }
  | { readonly kind: "aborted"; readonly text: string };

/** Where a run begins. */
export function firstState(plan: PlanSettings, asks: boolean): RunState {
  const state: RunState = {
    phase: "asking",
    step: 0,
    attempt: 0,
    applied: [],
    confirmed: false,
    outcome: undefined,
    text: "",
  };
  return asks ? state : at(plan, state, 0);
}

/** The state after `event`. Events that say nothing in this phase leave it as it is. */
export function nextState(plan: PlanSettings, state: RunState, event: RunEvent): RunState {
  if (state.phase === "ended") return state;
  if (event.kind === "aborted") {
    return { ...state, phase: "ended", outcome: "aborted", text: event.text };
  }
  if (event.kind === "cancelled") {
    if (state.phase === "undoing") return { ...state, outcome: "stopped", text: event.text };
    return giveUp(state, "stopped", event.text);
  }
  switch (state.phase) {
    case "asking":
      return afterAsking(plan, state, event);
    case "acting":
      return afterActing(plan, state, event);
    case "checking":
      if (event.kind === "checked") return at(plan, { ...state, confirmed: true }, state.step + 1);
      return event.kind === "failed" ? afterFailure(plan, state, event) : state;
    case "verifying":
      return afterVerifying(state, event);
    case "undoing":
      return event.kind === "undone" || event.kind === "failed"
        ? undoing({ ...state, applied: state.applied.slice(0, -1) })
        : state;
  }
}

/** The step at an index, or what comes after the last one. */
function at(plan: PlanSettings, state: RunState, step: number): RunState {
  const phase = step < plan.steps.length ? "acting" : "verifying";
  return { ...state, phase, step, attempt: 0 };
}

function afterAsking(plan: PlanSettings, state: RunState, event: RunEvent): RunState {
  if (event.kind === "failed") return giveUp(state, "failed", event.problem);
  if (event.kind !== "answered") return state;
  return event.go ? at(plan, state, 0) : giveUp(state, "stopped", event.text);
}

function afterActing(plan: PlanSettings, state: RunState, event: RunEvent): RunState {
  const { step } = state;
  if (event.kind === "failed") return afterFailure(plan, state, event);
  if (event.kind === "answered") {
    return event.go ? at(plan, state, step + 1) : giveUp(state, "stopped", event.text);
  }
  if (event.kind !== "acted") return state;
  const { action, verify } = plan.steps[step]!;
  const after: RunState = {
    ...applied(state, event.undo),
    confirmed: state.confirmed || action.action === "verify" || action.action === "verify_health",
  };
  return verify ? { ...after, phase: "checking" } : at(plan, after, step + 1);
}

/** Remembers that the step is to be reverted. One that is done again is reverted to what was before
 * the first time. */
export function applied(state: RunState, undo: boolean): RunState {
  if (!undo || state.applied.includes(state.step)) return state;
  return { ...state, applied: [...state.applied, state.step] };
}

function afterFailure(
  plan: PlanSettings,
  before: RunState,
  { problem, undo = false }: Extract<RunEvent, { kind: "failed" }>,
): RunState {
  const state = applied(before, undo);
  const { step, attempt } = state;
  const { retries, action } = plan.steps[step]!;
  if (attempt < retries) return { ...state, phase: "acting", attempt: attempt + 1 };
  return giveUp(state, "failed", `step ${step + 1} (${action.action}) failed: ${problem}`);
}

function afterVerifying(state: RunState, event: RunEvent): RunState {
  const healed = (text: string): RunState => ({
    ...state,
    phase: "ended",
    outcome: "mitigated",
    text,
  });
  if (event.kind === "verified") return healed(event.text);
  if (event.kind === "failed") return giveUp(state, "failed", event.problem);
  if (event.kind !== "unverified") return state;
  // No data prove nothing; with a verification of the plan's own they need not.
  if (event.truth === "unknown" && state.confirmed) {
    return healed(`the plan's own verification passed; of the trigger nothing is known`);
  }
  return giveUp(state, "failed", `all steps are done, but ${event.text}`);
}

function giveUp(state: RunState, outcome: RunOutcome, text: string): RunState {
  return undoing({ ...state, outcome, text });
}

function undoing(state: RunState): RunState {
  return { ...state, phase: state.applied.length > 0 ? "undoing" : "ended" };
}
