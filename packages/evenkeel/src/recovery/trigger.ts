/** The trigger of a plan as something to look at. */
import type { Expression } from "../expression/expression.ts";
import type { ConditionState, SignalSubject } from "../signals/contract.ts";
import type { ActionSettings, PlanSettings } from "../snapshot/plan-settings.ts";
import type { Levers } from "./contract.ts";
import { lasting, subjectOf } from "./subject.ts";

/** What a condition says without having lasted: after an action, whether the signal is back in range
 * is to be known at once. */
export function bare(expression: Expression): Expression {
  switch (expression.kind) {
    case "comparison":
      return expression;
    case "and":
    case "or":
      return { kind: expression.kind, parts: expression.parts.map(bare) };
    case "lasting":
      return bare(expression.of);
  }
}

/** What a plan is about: the first target it names narrows the trigger's signals that name nothing
 * themselves. Empty where it names none. */
export function scopeOf(plan: PlanSettings, look: Levers["look"]): SignalSubject {
  const target = firstTarget(plan);
  return target === "" ? {} : subjectOf(target, look(target));
}

/** The first target a plan names; empty for none. */
export function firstTarget({ steps }: PlanSettings): string {
  return steps.map(({ action }) => targetOf(action)).find((target) => target !== "") ?? "";
}

/** What an action names; empty for none. */
export function targetOf(action: ActionSettings): string {
  return "target" in action ? action.target : "";
}

/** The worst state of those that are about the subject or about a whole that it is part of. Undefined
 * where the condition speaks of neither. */
export function stateFor(
  states: readonly ConditionState[],
  about: SignalSubject,
): ConditionState | undefined {
  const rank = { true: 2, unknown: 1, false: 0 } as const;
  return states
    .filter(({ subject }) => covers(lasting(subject), lasting(about)))
    .sort((one, other) => rank[other.truth] - rank[one.truth])[0];
}

function covers(subject: SignalSubject, about: SignalSubject): boolean {
  const keys = Object.keys(subject) as (keyof SignalSubject)[];
  return keys.every((key) => subject[key] === undefined || subject[key] === about[key]);
}

/** Whether all of them are true; unknown where there is none. */
export function allTrue(states: readonly ConditionState[]): "true" | "false" | "unknown" {
  if (states.some(({ truth }) => truth === "false")) return "false";
  if (states.length === 0 || states.some(({ truth }) => truth === "unknown")) return "unknown";
  return "true";
}
