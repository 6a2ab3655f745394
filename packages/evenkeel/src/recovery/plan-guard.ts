/** Gathers what the guard rails decide on. */
import { HistoryUnavailable } from "../history/contract.ts";
import type { ActionSettings, PlanSettings, RecoverySettings } from "../snapshot/plan-settings.ts";
import { aimOf } from "./aim.ts";
import type { Case } from "./case.ts";
import type { RecoveryDeps } from "./deps.ts";
import type { Freezing } from "./freezing.ts";
import {
  freezeReason,
  refusalOf,
  takes,
  type GuardFacts,
  type Refusal,
  type Taking,
} from "./guard.ts";
import { lastEndedAt } from "./run-ends.ts";
import { ownerOf } from "./run-facts.ts";
import type { RunTable } from "./run-table.ts";

export interface PlanGuard {
  /** Why the plan must not begin on the object now; undefined: it may. Throws `HistoryUnavailable`
   * where the ledger can't be read. */
  refusal(plan: PlanSettings, one: Case, byHand: boolean): Refusal | undefined;
  /** Why all plans are to be frozen before this one begins; undefined: no reason. Throws likewise. */
  freezeReason(settings: RecoverySettings, object: string): string | undefined;
  /** What an action of a plan is aimed at, where this object fired. */
  aim(action: ActionSettings, object: string): string;
}

/** Over what is there now. */
export function createPlanGuard(
  { levers, locks, history, clock }: RecoveryDeps,
  runs: RunTable,
  freezing: Freezing,
): PlanGuard {
  const aimed = (action: ActionSettings, object: string): string =>
    aimOf(action, object, (name) => levers.look(name));

  const takings = (plan: PlanSettings, own: string): Taking[] =>
    plan.steps.flatMap(({ action }) => {
      const object = aimed(action, own);
      const facts = levers.look(object);
      if (!facts) return [];
      const busy = runs.busyIn(facts.group, object);
      return [{ object, facts, busy, count: takes(action, facts) }];
    });

  const runsSince = (plan: string, sinceMs: number): number =>
    history.ledger.runsSince(ownerOf(plan), sinceMs).length;

  const factsOf = (plan: PlanSettings, { object, attempts }: Case): GuardFacts => {
    const nowMs = clock.nowMs();
    return {
      nowMs,
      object,
      attempts,
      frozen: freezing.now(),
      holder: locks.holder(object),
      isStarting: levers.look(object)?.starting !== undefined,
      running: runs.ofPlan(plan.name).length,
      lastEndedAtMs: lastEndedAt(history.memory, plan.name, object),
      runsInWindow: runsSince(plan.name, nowMs - plan.limits.rate.windowMs),
      takings: takings(plan, object),
    };
  };

  return {
    refusal: (plan, one, byHand) => refusalOf(plan, factsOf(plan, one), byHand),
    freezeReason({ freeze, plans }, object) {
      const sinceMs = Math.max(clock.nowMs() - freeze.windowMs, freezing.countsSinceMs());
      const counts = plans.map(({ name }) => runsSince(name, sinceMs));
      const own = levers.look(object);
      const group = own && (levers.look(own.group) ?? own);
      return freezeReason(freeze, { runs: counts.reduce((sum, count) => sum + count, 0), group });
    },
    aim: aimed,
  };
}

/** What can't be looked up is no permission. */
export function orUnknown(ask: () => Refusal | undefined): Refusal | undefined {
  try {
    return ask();
  } catch (error) {
    if (!(error instanceof HistoryUnavailable)) throw error;
    return { rule: "history", sentence: error.message, answer: "page" };
  }
}
