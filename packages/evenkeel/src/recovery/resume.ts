/** Where a run is that an end of Evenkeel cut off, by what the ledger says. Pure. */
import type { LedgerEntry } from "../history/contract.ts";
import type { ActionSettings, PlanSettings } from "../snapshot/plan-settings.ts";
import { changes } from "./changing-actions.ts";
import { firstState, nextState, type RunState } from "./plan-run.ts";
import { targetOf } from "./trigger.ts";
import { actionInWords } from "./wording.ts";

/** Kinds of the ledger's entries of a run. */
export const kinds = {
  run: "plan.run",
  ask: "plan.ask",
  step: "plan.step",
  undo: "plan.undo",
} as const;

/** What a step's entry says besides its state. */
export interface StepIntent {
  readonly step: number;
  readonly attempt: number;
  /** With its target aimed and its numbers made absolute. */
  readonly action: ActionSettings;
}

/** What a revert's entry says: the step, and the entry of the step. */
export interface UndoIntent {
  readonly step: number;
  readonly entry: number;
}

export interface Resumption {
  readonly state: RunState;
  /** An entry to go on with instead of writing a new one: what it says may be done (again). */
  readonly open: LedgerEntry | undefined;
  /** Steps that did something already, in words. */
  readonly deeds: readonly string[];
  /** Entries that end here, and how. */
  readonly settle: readonly {
    readonly id: number;
    readonly state: "done" | "failed";
    readonly outcome: string;
  }[];
}

/** What is known of an action that was under way: done again where that changes nothing, left to the
 * verification that follows where its effect can be seen, else taken for failed. */
export function interrupted({ action }: ActionSettings): "again" | "judge" | "fail" {
  switch (action) {
    case "verify_health":
    case "verify":
    case "wait":
    case "approve":
    case "drain":
    case "undrain":
    case "eject":
    case "set_weight":
    case "scale":
      return "again";
    case "restart_service":
    case "notify":
      return "judge";
    case "run":
    case "http":
    case "rollback":
      return "fail";
  }
}

const NOT_REPEATED = "cut off by an end of Evenkeel and not repeated";

/** `entries` are all of the run, oldest first. */
export function resumption(
  plan: PlanSettings,
  asks: boolean,
  entries: readonly LedgerEntry[],
): Resumption {
  const found = whereItIs(plan, asks, entries);
  const settled = new Set(found.settle.flatMap(({ id, state }) => (state === "done" ? [id] : [])));
  const deeds = deedsOf(entries.map((entry) => (settled.has(entry.id) ? asDone(entry) : entry)));
  return { ...found, deeds };
}

/** The steps of these entries that did something, in words. */
export function deedsOf(entries: readonly LedgerEntry[]): readonly string[] {
  return entries.flatMap(({ kind, state, intent, object }) => {
    if (kind !== kinds.step || state !== "done") return [];
    const { step, action } = intent as StepIntent;
    const words = actionInWords(action, targetOf(action) || object);
    return changes(action) ? [`step ${step + 1} (${words})`] : [];
  });
}

const asDone = (entry: LedgerEntry): LedgerEntry => ({ ...entry, state: "done" });

type Place = Omit<Resumption, "deeds">;

function whereItIs(plan: PlanSettings, asks: boolean, entries: readonly LedgerEntry[]): Place {
  const steps = entries.filter(({ kind }) => kind === kinds.step);
  const undos = entries.filter(({ kind }) => kind === kinds.undo);
  const asked = entries.findLast(({ kind }) => kind === kinds.ask);
  const last = steps.at(-1);
  if (!last) return beforeSteps(plan, asks, asked);
  const { step, attempt } = last.intent as StepIntent;
  const state: RunState = {
    ...firstState(plan, false),
    phase: "acting",
    step,
    attempt,
    applied: appliedOf(steps, last),
    confirmed: steps.some(confirms(plan)),
  };
  if (undos.length > 0) return whileUndoing(state, undos, entries);
  const open = last.state === "intended" || last.state === "running";
  return open ? inStep(plan, state, last) : afterStep(plan, state, last);
}

function beforeSteps(plan: PlanSettings, asks: boolean, asked: LedgerEntry | undefined): Place {
  const first = firstState(plan, asks);
  const none = { open: undefined, settle: [] };
  if (!asks || !asked) return { state: first, ...none };
  if (asked.state === "intended" || asked.state === "running") {
    return { state: first, open: asked, settle: [] };
  }
  const go = asked.state === "done";
  return { state: nextState(plan, first, { kind: "answered", go, text: asked.outcome }), ...none };
}

/** The last entry is left out: whether it is applied follows from what is made of it. */
function appliedOf(steps: readonly LedgerEntry[], last: LedgerEntry): number[] {
  const applied = steps
    .filter((entry) => entry !== last && entry.undo !== null)
    .map(({ intent }) => (intent as StepIntent).step);
  return [...new Set(applied)];
}

function confirms(plan: PlanSettings): (entry: LedgerEntry, index: number) => boolean {
  return ({ state, intent }) => {
    const { step } = intent as StepIntent;
    const word = plan.steps[step]?.action.action;
    return state === "done" && (word === "verify" || word === "verify_health");
  };
}

function inStep(plan: PlanSettings, state: RunState, last: LedgerEntry): Place {
  const { action } = last.intent as StepIntent;
  const answer = last.state === "intended" ? "again" : interrupted(action);
  if (answer === "again") return { state, open: last, settle: [] };
  const done = answer === "judge";
  const ended = { id: last.id, state: done ? "done" : "failed", outcome: NOT_REPEATED } as const;
  const next = done
    ? nextState(plan, state, { kind: "acted", undo: last.undo !== null })
    : // Whether it was done is not known: no retry may do it twice.
      nextState(plan, { ...state, attempt: Infinity }, { kind: "failed", problem: NOT_REPEATED });
  return { state: next, open: undefined, settle: [ended] };
}

function afterStep(plan: PlanSettings, state: RunState, last: LedgerEntry): Place {
  const event =
    last.state === "failed"
      ? ({ kind: "failed", problem: last.outcome, undo: last.undo !== null } as const)
      : ({ kind: "acted", undo: last.undo !== null } as const);
  return { state: nextState(plan, state, event), open: undefined, settle: [] };
}

function whileUndoing(
  state: RunState,
  undos: readonly LedgerEntry[],
  entries: readonly LedgerEntry[],
): Place {
  const open = undos.find((entry) => entry.state === "intended" || entry.state === "running");
  const over = new Set(
    undos.filter((entry) => entry !== open).map(({ intent }) => (intent as UndoIntent).step),
  );
  const reversible = entries.filter(
    ({ kind, state, undo }) => kind === kinds.step && undo !== null && state !== "undone",
  );
  const left = new Set(reversible.map(({ intent }) => (intent as StepIntent).step));
  const applied = [...left].filter((step) => !over.has(step));
  const phase = applied.length > 0 ? "undoing" : "ended";
  const text = "it failed before Evenkeel ended, and was reverted";
  return { state: { ...state, phase, applied, outcome: "failed", text }, open, settle: [] };
}
