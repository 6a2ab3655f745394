/** The outcome of drills as reports. */
import type { Incident } from "../history/contract.ts";
import type { ActiveDrill } from "./active-drill.ts";
import type { DrillReport } from "./contract.ts";
import { detectedAfterMs, judge, recoveredAfterMs, type DrillEnd } from "./drill-run.ts";

/** A plan that only looked on, or had to call a person, heals and proves nothing. */
export function isHealedByPlan({ plan, actionAtMs, handling }: Incident): boolean {
  return plan !== undefined && actionAtMs !== undefined && handling === "auto";
}

/** The report of a drill that is over. `incident` is the one it caused; its timeline is the drill's
 * own, live. */
export function reportOf(
  { id, run, traffic, timeline }: ActiveDrill,
  endedAtMs: number,
  end: DrillEnd | "settled",
  incident: Incident | undefined,
): DrillReport {
  const { requests, failed } = traffic.total();
  const plan = incident && isHealedByPlan(incident) ? incident.plan : undefined;
  const { verdict, reasons } = end === "settled" ? judge(run, { requests, failed, plan }) : end;
  return {
    id,
    drill: run.settings.name,
    startedAtMs: run.startedAtMs,
    endedAtMs,
    verdict,
    reasons,
    detectedMs: detectedAfterMs(run),
    recoveredMs: end === "settled" ? recoveredAfterMs(run) : undefined,
    requests,
    failed,
    plan,
    incident: incident?.id,
    timeline,
    samples: traffic.samples,
  };
}

/** Of a drill that nothing was measured of, and why. */
export function unmeasured(
  { id, drill, startedAtMs }: Pick<DrillReport, "id" | "drill" | "startedAtMs">,
  endedAtMs: number,
  verdict: "refused" | "aborted",
  reason: string,
): DrillReport {
  const none = { detectedMs: undefined, recoveredMs: undefined, plan: undefined };
  const nothing = { requests: 0, failed: 0, incident: undefined, timeline: [], samples: [] };
  return { id, drill, startedAtMs, endedAtMs, verdict, reasons: [reason], ...none, ...nothing };
}
