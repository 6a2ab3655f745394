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

/** The report of a drill that was due and not begun. */
export function leftOut(id: string, drill: string, atMs: number, problem: string): DrillReport {
  return {
    id,
    drill,
    startedAtMs: atMs,
    endedAtMs: atMs,
    verdict: "refused",
    reasons: [problem],
    detectedMs: undefined,
    recoveredMs: undefined,
    requests: 0,
    failed: 0,
    plan: undefined,
    incident: undefined,
    timeline: [],
    samples: [],
  };
}
