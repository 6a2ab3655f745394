/** The outcome of drills as reports. */
import type { Incident } from "../history/contract.ts";
import type { ActiveDrill } from "./active-drill.ts";
import type { DrillReport } from "./contract.ts";
import { detectedAfterMs, judge, recoveredAfterMs, type DrillEnd } from "./drill-run.ts";

/** The report of a drill that is over. `incident` is the one it caused; its timeline is the drill's
 * own, live. */
export function reportOf(
  { id, run, traffic, timeline }: ActiveDrill,
  endedAtMs: number,
  end: DrillEnd | "settled",
  incident: Pick<Incident, "id" | "plan"> | undefined,
): DrillReport {
  const { requests, failed } = traffic.total();
  const plan = incident?.plan;
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
