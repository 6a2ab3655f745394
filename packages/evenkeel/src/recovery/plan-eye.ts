/** What a plan sees: its trigger, apart for each object. */
import type { ConditionState, SignalSubject } from "../signals/contract.ts";
import type { PlanSettings } from "../snapshot/plan-settings.ts";
import type { AlertTriggers } from "./alert-triggers.ts";
import type { Observation } from "./case.ts";
import type { RecoveryDeps } from "./deps.ts";
import { lasting, objectOf } from "./subject.ts";
import { bare, firstTarget, scopeOf, stateFor } from "./trigger.ts";

/** The trigger for one object. */
export interface Sighting extends Observation {
  readonly object: string;
  readonly subject: SignalSubject;
  /** The first bad sample. */
  readonly faultAtMs: number;
}

export interface PlanEye {
  readonly plan: PlanSettings;
  /** By object; empty while the plan's target is not known. */
  look(nowMs: number): ReadonlyMap<string, Sighting>;
  /** After an action: how long the trigger held does not count any more. */
  clear(): void;
  /** Follows the trigger without its `for`, for one object, from now on. */
  follow(object: string, subject: SignalSubject): (nowMs: number) => Observation;
}

/** Over what alerts told and what signals say. */
export function createPlanEye(
  plan: PlanSettings,
  alerts: AlertTriggers,
  { watch, reader, levers }: Pick<RecoveryDeps, "watch" | "reader" | "levers">,
): PlanEye {
  const { trigger } = plan;
  if (trigger.kind === "alert") return alertEye(plan, alerts);
  const { expression } = trigger.condition;
  const target = firstTarget(plan);
  let condition: ReturnType<typeof watch> | undefined;
  const watched = (): ReturnType<typeof watch> | undefined => {
    // Before its target is known, the trigger would speak of everything there is.
    if (!condition && (target === "" || levers.look(target))) {
      condition = watch(
        expression,
        reader,
        scopeOf(plan, (name) => levers.look(name)),
      );
    }
    return condition;
  };
  return {
    plan,
    look(nowMs) {
      const states = watched()?.look(nowMs) ?? [];
      return new Map(
        states.map((state) => {
          const object = objectOf(state.subject) || target || plan.name;
          return [object, sightingOf(state, object, nowMs)];
        }),
      );
    },
    clear: () => condition?.clear(),
    follow(object, subject) {
      const isObject = objectOf(subject) !== "";
      const own = watch(
        bare(expression),
        reader,
        isObject ? subject : scopeOf(plan, (name) => levers.look(name)),
      );
      return (nowMs) => {
        const state = stateFor(own.look(nowMs), subject);
        if (state) return sightingOf(state, object, nowMs);
        if (isObject && !levers.look(object)) return gone(object, nowMs);
        const explanation = `nothing is known of ${trigger.condition.text}`;
        return { truth: "unknown", sinceMs: nowMs, explanation };
      };
    },
  };
}

/** What is not there any more is no trouble. */
function gone(object: string, nowMs: number): Observation {
  return { truth: "gone", sinceMs: nowMs, explanation: `${object} is not there any more` };
}

function alertEye(plan: PlanSettings, alerts: AlertTriggers): PlanEye {
  return {
    plan,
    look: () => alerts.of(plan.name),
    clear() {},
    follow: (object) => (nowMs) => {
      const explanation = "nothing was heard of the alert";
      return alerts.of(plan.name).get(object) ?? { truth: "unknown", sinceMs: nowMs, explanation };
    },
  };
}

function sightingOf(state: ConditionState, object: string, nowMs: number): Sighting {
  const { truth, sinceMs, firstTrueAtMs, explanation } = state;
  const subject = lasting(state.subject);
  return { object, subject, truth, sinceMs, faultAtMs: firstTrueAtMs ?? nowMs, explanation };
}
