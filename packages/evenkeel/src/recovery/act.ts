/** Does the action of one step: looks, writes the intent, does it, writes what came of it. */
import type { LedgerEntry } from "../history/contract.ts";
import type { ActionSettings } from "../snapshot/plan-settings.ts";
import { askPerson } from "./ask-person.ts";
import { awaitRoom } from "./await-room.ts";
import { changes, changesObject, type Changing } from "./changing-actions.ts";
import type { Deed } from "./contract.ts";
import { bounded, pause } from "./pause.ts";
import { factsOf, LOOK_EVERY_MS, perform, untilTrue, type Performed } from "./perform.ts";
import type { RunEvent } from "./plan-run.ts";
import { kinds, type StepIntent } from "./resume.ts";
import type { RunContext } from "./run-context.ts";
import { holderOf } from "./run-facts.ts";
import { undoOf } from "./undo.ts";
import { actionInWords, fillIn } from "./wording.ts";

/** The step the run is at. */
export async function act(run: RunContext): Promise<RunEvent> {
  const { step } = run.state;
  const { steps } = run.facts.plan;
  const { action, timeoutMs } = steps[step]!;
  const object = run.aim(action);
  const words = fillIn(actionInWords(action, object), factsOf(run.facts));
  run.doing = `step ${step + 1} of ${steps.length}: ${words}`;
  const locked = await lock(run, action, object);
  if (!locked.ok) return { kind: "failed", problem: locked.problem };
  const resumed = run.takeOpen(kinds.step);
  const inTheWay =
    !resumed && changesObject(action) ? await awaitRoom(run, action, object) : undefined;
  if (inTheWay !== undefined) return { kind: "failed", problem: inTheWay };
  const entry = resumed ?? intendStep(run, action, object);
  if (typeof entry === "string") return { kind: "failed", problem: entry };
  const { ledger } = run.deps.history;
  ledger.advance(entry.id, "running");
  run.note("action", `${words}${resumed ? " (taken up again)" : ""}`);
  if (changes(action)) markAction(run);
  const event = await carryOut(run, entry, object, timeoutMs);
  if (run.left.signal.aborted) return event;
  const isFine = event.kind === "acted" || (event.kind === "answered" && event.go);
  ledger.advance(entry.id, isFine ? "done" : "failed", outcomeOf(event));
  if (event.kind === "failed") run.note("action", `${words} failed: ${event.problem}`);
  if (changes(action)) {
    if (isFine) run.deeds.push(`step ${step + 1} (${words})`);
    run.deps.acted();
  }
  return event;
}

/** The step's own verification. */
export async function check(run: RunContext): Promise<RunEvent> {
  const { step } = run.state;
  const { verify, timeoutMs } = run.facts.plan.steps[step]!;
  if (!verify) return { kind: "checked" };
  run.doing = `step ${step + 1}: waiting for ${verify.text}`;
  const result = await bounded<Deed>(
    run.deps.timers,
    timeoutMs,
    run.signal(),
    (signal) => untilTrue(verify, run.facts, run.deps, signal),
    { ok: false, problem: `${verify.text}: nobody can say` },
  );
  if (!run.left.signal.aborted) {
    run.note("verification", result.ok ? `${verify.text}: it holds` : result.problem);
  }
  return result.ok ? { kind: "checked" } : { kind: "failed", problem: result.problem };
}

/** The first action is what is told as such. */
function markAction({ deps, facts }: RunContext): void {
  const { incidents } = deps.history;
  const known = incidents.get(facts.incident)?.incident;
  if (known?.actionAtMs !== undefined) return;
  incidents.change(facts.incident, { actionAtMs: deps.clock.nowMs() });
}

/** Waits for the lock of another object than the run's own. */
async function lock(run: RunContext, action: ActionSettings, object: string): Promise<Deed> {
  if (!changesObject(action) || object === run.facts.object) return { ok: true };
  const { locks, timers, clock } = run.deps;
  const { timeoutMs } = run.facts.plan.steps[run.state.step]!;
  const untilMs = clock.monotonicMs() + timeoutMs;
  const signal = run.signal();
  for (;;) {
    const taken = locks.take(object, holderOf(run.facts));
    if (taken) {
      taken.lost.addEventListener("abort", () => run.lost.abort(), { once: true });
      run.locks.push(taken);
      return { ok: true };
    }
    // One that covers it, or is covered, may be the run's own.
    if (locks.holder(object) === holderOf(run.facts)) return { ok: true };
    if (signal.aborted || clock.monotonicMs() >= untilMs) {
      const holder = locks.holder(object) ?? "somebody else";
      return { ok: false, problem: `${holder} is at work on ${object}` };
    }
    await pause(timers, LOOK_EVERY_MS, signal);
  }
}

/** The entry, or why the step must not be done. */
function intendStep(run: RunContext, action: ActionSettings, object: string): LedgerEntry | string {
  const { plan } = run.facts;
  const { timeoutMs, undo: reversible } = plan.steps[run.state.step]!;
  const { step, attempt } = run.state;
  if (!changesObject(action)) {
    return run.intend(kinds.step, { step, attempt, action } satisfies StepIntent, timeoutMs);
  }
  const facts = run.deps.levers.look(object);
  if (!facts) return `there is no ${object} any more`;
  if (action.action === "scale" && facts.instances === undefined) {
    return `${object} is not a process, which could be scaled`;
  }
  const aimed = absolute({ ...action, target: object }, facts.instances);
  const undo = reversible ? undoOf(aimed, object, facts) : undefined;
  return run.intend(
    kinds.step,
    { step, attempt, action: aimed } satisfies StepIntent,
    timeoutMs,
    undo,
  );
}

/** So many more becomes so many, which can be asked for twice. */
function absolute(action: Changing, instances: number | undefined): ActionSettings {
  if (action.action !== "scale" || action.exact || instances === undefined) return action;
  return { ...action, exact: true, change: Math.max(0, instances + action.change) };
}

async function carryOut(
  run: RunContext,
  entry: LedgerEntry,
  object: string,
  timeoutMs: number,
): Promise<RunEvent> {
  const { action } = entry.intent as StepIntent;
  const undo = entry.undo !== null;
  if (action.action === "approve") {
    const { question, otherwise } = action;
    return { kind: "answered", ...(await askPerson(run, question, entry.deadlineMs, otherwise)) };
  }
  const late: Performed = { ok: false, problem: "it took too long" };
  const result = await bounded<Performed>(
    run.deps.timers,
    action.action === "wait" ? action.ms + timeoutMs : timeoutMs,
    run.signal(),
    (signal) => perform(action, object, entry.createdAtMs, run.facts, { deps: run.deps, signal }),
    late,
  ).catch((error: unknown): Performed => ({ ok: false, problem: String(error) }));
  if (result.output) run.note("action", `output: ${endOf(result.output)}`);
  return result.ok ? { kind: "acted", undo } : { kind: "failed", problem: result.problem, undo };
}

/** Of an entry of a timeline the end would be cut off, where errors stand. */
function endOf(output: string): string {
  return output.length <= OUTPUT_TOLD ? output : `…${output.slice(-OUTPUT_TOLD)}`;
}

const OUTPUT_TOLD = 3500;

function outcomeOf(event: RunEvent): string {
  if (event.kind === "failed") return event.problem;
  return event.kind === "answered" ? event.text : "done";
}
