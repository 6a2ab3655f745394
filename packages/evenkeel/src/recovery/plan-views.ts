/** How plans stand, for people and programs. */
import type { Memory } from "../history/contract.ts";
import type { PlanSettings } from "../snapshot/plan-settings.ts";
import type { PlanView } from "./contract.ts";
import type { Freezing } from "./freezing.ts";
import type { Refusal } from "./guard.ts";
import type { RunTable } from "./run-table.ts";

const SPACE = "recovery.proven";
const RUNS = "recovery.last_run";

/** A drill proved the plan. Kept over a restart. */
export function rememberProof(memory: Memory, plan: string, atMs: number): void {
  memory.set(SPACE, plan, atMs);
}

/** A run of the plan began. Kept over a restart. */
export function rememberRun(memory: Memory, plan: string, atMs: number): void {
  memory.set(RUNS, plan, atMs);
}

/** What a view is made of. */
export interface PlanFacts {
  readonly runs: RunTable;
  readonly freezing: Freezing;
  readonly memory: Memory;
  readonly nowMs: number;
  /** The last refusal of a plan that still stands. */
  readonly refused: (plan: string) => Refusal | undefined;
}

/** One plan. */
export function planView(plan: PlanSettings, facts: PlanFacts): PlanView {
  const { name, mode, provenWithinMs } = plan;
  const when = (space: string): number | undefined => {
    const atMs = facts.memory.get(space, name);
    return typeof atMs === "number" ? atMs : undefined;
  };
  const provenAtMs = when(SPACE);
  return {
    name,
    mode,
    state: stateOf(plan, facts),
    refused: facts.refused(name)?.sentence,
    lastRunAtMs: when(RUNS),
    provenAtMs,
    unproven: provenAtMs === undefined || facts.nowMs - provenAtMs > provenWithinMs,
  };
}

function stateOf(
  { name, mode }: PlanSettings,
  { runs, freezing, refused }: PlanFacts,
): PlanView["state"] {
  if (mode === "off") return "off";
  const own = runs.ofPlan(name);
  if (own.some((run) => run.view().question !== undefined)) return "waiting";
  if (own.length > 0) return "running";
  if (freezing.now()) return "frozen";
  return refused(name)?.rule === "cooldown" ? "cooling" : "watching";
}
