/** Conducts one run: asks the state machine what comes next, does it, tells it what came of it. */
import { HistoryUnavailable } from "../history/contract.ts";
import { act, check } from "./act.ts";
import { askFirst } from "./ask-person.ts";
import { applied, nextState, type RunEvent, type RunOutcome } from "./plan-run.ts";
import type { Resumption } from "./resume.ts";
import { RunContext, type ConductDeps } from "./run-context.ts";
import type { RunFacts } from "./run-facts.ts";
import { undoStep } from "./undo-step.ts";
import { verifyTrigger } from "./verify-trigger.ts";

/** How a run ended. */
export interface RunEnd {
  readonly outcome: RunOutcome;
  readonly text: string;
  /** Since when the trigger has ended, where that was seen. */
  readonly fineSinceMs: number | undefined;
  /** Why a person is needed whatever comes next; undefined: none is. */
  readonly handOff: string | undefined;
  /** The steps that did something, in words; empty for none. */
  readonly deed: string;
}

/** A run under way. */
export interface Conducted {
  readonly facts: RunFacts;
  view(): { readonly step: number; readonly doing: string; readonly question: string | undefined };
  /** At a step or reverting one; not while it asks or waits for the trigger to end. */
  isActing(): boolean;
  /** False where nothing is asked. */
  answer(go: boolean, who: string): boolean;
  /** Stops and reverts it. */
  cancel(text: string): void;
  /** Stops it and leaves everything as it is, for the next start. */
  leave(): void;
  /** Undefined where it was left. Never rejects. */
  readonly ended: Promise<RunEnd | undefined>;
}

/** Begins at once, or goes on where the resumption says. */
export function conduct(facts: RunFacts, from: Resumption, deps: ConductDeps): Conducted {
  const run = new RunContext(facts, from, deps);
  let cancelText = "";
  return {
    facts,
    view: () => ({ step: run.state.step, doing: run.doing, question: run.question?.text }),
    isActing: () => ["acting", "checking", "undoing"].includes(run.state.phase),
    answer(go, who) {
      const { question } = run;
      question?.answer(go, who);
      return question !== undefined;
    },
    cancel(text) {
      cancelText = text;
      run.cancelled.abort();
    },
    leave: () => run.left.abort(),
    ended: toTheEnd(run, () => cancelText),
  };
}

async function toTheEnd(run: RunContext, cancelText: () => string): Promise<RunEnd | undefined> {
  while (run.state.phase !== "ended") {
    const event = await next(run);
    if (run.left.signal.aborted) break;
    const halt = interruption(run, cancelText);
    // What was done until then is to be reverted all the same.
    const known = halt && "undo" in event ? applied(run.state, event.undo ?? false) : run.state;
    run.state = nextState(run.facts.plan, known, halt ?? event);
  }
  for (const lock of run.locks) lock.release();
  if (run.left.signal.aborted) return undefined;
  const { outcome = "failed", text } = run.state;
  const { fineSinceMs, handOff, deeds } = run;
  return { outcome, text, fineSinceMs, handOff, deed: deeds.join(", ") };
}

/** What matters more than what the step came to. */
function interruption(run: RunContext, cancelText: () => string): RunEvent | undefined {
  const { facts, state } = run;
  if (run.lost.signal.aborted) {
    const kept = state.applied.map((step) => facts.plan.steps[step]!.action.action);
    const stays = kept.length > 0 ? `; what stays in force: ${kept.join(", ")}` : "";
    return { kind: "aborted", text: `the operator took ${facts.object} over${stays}` };
  }
  if (!run.cancelled.signal.aborted || state.phase === "undoing") return undefined;
  return { kind: "cancelled", text: cancelText() };
}

/** Never rejects: what went wrong unexpectedly has failed. */
async function next(run: RunContext): Promise<RunEvent> {
  try {
    return await perform(run);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    if (error instanceof HistoryUnavailable) {
      if (run.state.phase === "undoing") run.handOff ??= leftInForce(run, text);
      return { kind: "failed", problem: `it can't be written down, so it is not done: ${text}` };
    }
    run.deps.log.error({ error, run: run.facts.id }, "a run of a plan failed unexpectedly");
    return { kind: "failed", problem: text };
  }
}

/** What can't be written down is not reverted either, and nobody else will. */
function leftInForce({ state, facts }: RunContext, why: string): string {
  const words = state.applied.map((step) => {
    return `step ${step + 1} (${facts.plan.steps[step]!.action.action})`;
  });
  return `${words.join(", ")} could not be reverted (${why}): do it by hand`;
}

function perform(run: RunContext): Promise<RunEvent> {
  switch (run.state.phase) {
    case "asking":
      return askFirst(run);
    case "acting":
      return act(run);
    case "checking":
      return check(run);
    case "verifying":
      return verifyTrigger(run);
    case "undoing":
    case "ended":
      return undoStep(run);
  }
}
