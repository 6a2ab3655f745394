/** Recovery plans as the admin address tells them: times in ISO 8601, null for what never was. */
import type { PlanRunView, PlanView, Recovery } from "../recovery/contract.ts";

export interface PlanDocument {
  readonly name: string;
  readonly mode: PlanView["mode"];
  readonly state: PlanView["state"];
  /** Why it did not act last time it was asked. */
  readonly refused: string | null;
  readonly last_run_at: string | null;
  readonly proven_at: string | null;
  /** No drill proved it of late. */
  readonly unproven: boolean;
}

export interface PlanRunDocument {
  readonly id: string;
  readonly plan: string;
  readonly incident: number;
  readonly object: string;
  /** Steps done, of so many. */
  readonly step: number;
  readonly steps: number;
  readonly doing: string;
  readonly started_at: string;
  /** What a person is asked. */
  readonly question: string | null;
}

export interface PlansDocument {
  readonly frozen: { readonly by: string; readonly reason: string; readonly at: string } | null;
  readonly plans: readonly PlanDocument[];
  readonly runs: readonly PlanRunDocument[];
}

/** Plans in configuration order, and the runs under way. */
export function plansDocument(recovery: Recovery): PlansDocument {
  const frozen = recovery.frozen();
  return {
    frozen: frozen ? { by: frozen.by, reason: frozen.reason, at: iso(frozen.atMs)! } : null,
    plans: recovery.plans().map(planDocument),
    runs: recovery.runs().map(runDocument),
  };
}

function planDocument(plan: PlanView): PlanDocument {
  const { name, mode, state, refused = null, unproven } = plan;
  const times = { last_run_at: iso(plan.lastRunAtMs), proven_at: iso(plan.provenAtMs) };
  return { name, mode, state, refused, ...times, unproven };
}

function runDocument(run: PlanRunView): PlanRunDocument {
  const { run: id, plan, incident, object, step, steps, doing, question = null } = run;
  return {
    id,
    plan,
    incident,
    object,
    step,
    steps,
    doing,
    started_at: iso(run.startedAtMs)!,
    question,
  };
}

function iso(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}
