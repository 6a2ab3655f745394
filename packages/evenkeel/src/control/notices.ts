/** What plans and drills have to tell, as alerts carry it. */
import type { Notice } from "../alerts/contract.ts";
import type { DrillReport } from "../drills/contract.ts";
import type { RecoveryNotice } from "../recovery/contract.ts";

/** A page means that a person is needed; a report is for later. */
export function planNotice(notice: RecoveryNotice): Notice {
  const { kind, key, plan, incident, object, summary, details, atMs } = notice;
  return {
    key,
    alert: kind === "report" ? "recovered" : "recovery_needs_a_person",
    severity: kind === "report" ? "P2" : "P0",
    labels: {
      plan,
      object,
      ...(incident !== undefined && { incident: String(incident) }),
    },
    summary,
    details,
    runbook: undefined,
    startedAtMs: atMs,
  };
}

/** The result of a drill. */
export function drillNotice(report: DrillReport): Notice {
  const { id, drill, verdict, reasons, requests, failed, startedAtMs } = report;
  return {
    key: `drill:${id}`,
    alert: "drill",
    severity: "P2",
    labels: { drill, verdict },
    summary: `Drill ${drill}: ${verdict}`,
    details: [...reasons, `${failed} of ${requests} requests failed`].join("\n"),
    runbook: undefined,
    startedAtMs,
  };
}
