/** Reverts the last step that is still in force. */
import type { LedgerEntry } from "../history/contract.ts";
import type { Deed } from "./contract.ts";
import { bounded } from "./pause.ts";
import { revert } from "./perform.ts";
import type { RunEvent } from "./plan-run.ts";
import { kinds, type StepIntent, type UndoIntent } from "./resume.ts";
import type { RunContext } from "./run-context.ts";
import { undoInWords, type Undo } from "./undo.ts";

/** A revert that fails is told, and the ones before it are still tried. */
export async function undoStep(run: RunContext): Promise<RunEvent> {
  const step = run.state.applied.at(-1)!;
  const { ledger } = run.deps.history;
  const of = entryToUndo(run, step);
  if (!of) return { kind: "undone" };
  const undo = of.undo as Undo;
  const words = undoInWords(undo);
  run.doing = `reverting: ${words}`;
  const { timeoutMs } = run.facts.plan.steps[step]!;
  const intent: UndoIntent = { step, entry: of.id };
  const entry = run.takeOpen(kinds.undo) ?? run.intend(kinds.undo, intent, timeoutMs);
  ledger.advance(entry.id, "running");
  run.note("action", `reverting step ${step + 1}: ${words}`);
  const late: Deed = { ok: false, problem: "it took too long" };
  const deed = await bounded<Deed>(
    run.deps.timers,
    timeoutMs,
    run.signal(),
    (signal) => revertOn(undo, run, signal),
    late,
  ).catch((error: unknown): Deed => ({ ok: false, problem: String(error) }));
  if (run.left.signal.aborted) return { kind: "undone" };
  ledger.advance(entry.id, deed.ok ? "done" : "failed", deed.ok ? words : deed.problem);
  if (deed.ok) ledger.advance(of.id, "undone", words);
  else {
    run.note("action", `${words} failed: ${deed.problem}; do it by hand`);
    run.handOff = `${words} failed (${deed.problem}): do it by hand`;
  }
  return deed.ok ? { kind: "undone" } : { kind: "failed", problem: deed.problem };
}

/** Who is gone has taken with it what was done to it. */
async function revertOn(undo: Undo, run: RunContext, signal: AbortSignal): Promise<Deed> {
  if (run.deps.levers.look(undo.object)) return await revert(undo, run.deps, signal);
  run.note("action", `${undo.object} is gone: there is nothing to revert`);
  return { ok: true };
}

/** The first of the step: it knows what was before. */
function entryToUndo({ deps, facts }: RunContext, step: number): LedgerEntry | undefined {
  return deps.history.ledger
    .ofRun(facts.id)
    .find(
      ({ kind, intent, undo, state }) =>
        kind === kinds.step &&
        (intent as StepIntent).step === step &&
        undo !== null &&
        state !== "undone",
    );
}
