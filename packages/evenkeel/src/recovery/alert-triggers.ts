/** Alerts as triggers: which are firing, for which plan and object. */
import type { SignalSubject } from "../signals/contract.ts";
import type { PlanSettings } from "../snapshot/plan-settings.ts";
import type { Sighting } from "./plan-eye.ts";

export interface AlertTriggers {
  /** Takes note of an alert for every plan it triggers. */
  tell(
    plans: readonly PlanSettings[],
    alert: { readonly name: string; readonly labels: Readonly<Record<string, string>> },
    at: { readonly object: string; readonly subject: SignalSubject },
    seen: { readonly state: "firing" | "resolved"; readonly nowMs: number },
  ): void;
  /** Firing and resolved ones of a plan, by object. */
  of(plan: string): ReadonlyMap<string, Sighting>;
}

/** Objects remembered per plan; of more, those told first are forgotten. */
export const MOST_ALERTS = 500;

/** Knows none to begin with. */
export function createAlertTriggers(): AlertTriggers {
  const known = new Map<string, Map<string, Sighting>>();
  return {
    tell(plans, { name, labels }, { object, subject }, { state, nowMs }) {
      for (const plan of plans) {
        if (!matches(plan, name, labels)) continue;
        const own = known.get(plan.name) ?? new Map<string, Sighting>();
        known.set(plan.name, own);
        const key = object === "" ? plan.name : object;
        const before = own.get(key);
        const truth = state === "firing" ? "true" : "false";
        const sinceMs = before?.truth === truth ? before.sinceMs : nowMs;
        const explanation = `alert ${name} is ${state}`;
        own.delete(key);
        own.set(key, { object: key, subject, truth, sinceMs, faultAtMs: sinceMs, explanation });
        const [first] = own.keys();
        if (own.size > MOST_ALERTS && first !== undefined) own.delete(first);
      }
    },
    of: (plan) => known.get(plan) ?? new Map<string, Sighting>(),
  };
}

function matches(
  { trigger, mode }: PlanSettings,
  name: string,
  labels: Readonly<Record<string, string>>,
): boolean {
  if (trigger.kind !== "alert" || trigger.alert !== name || mode === "off") return false;
  return Object.entries(trigger.labels).every(([key, value]) => labels[key] === value);
}
