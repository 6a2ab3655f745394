/** Writes what becomes of cases into the incidents, and calls or tells people. */
import type { Case } from "./case.ts";
import type { RecoveryDeps } from "./deps.ts";
import type { PlanSettings } from "../snapshot/plan-settings.ts";
import type { Sighting } from "./plan-eye.ts";
import { tookInWords } from "./wording.ts";

export interface IncidentDesk {
  open(plan: PlanSettings, seen: Omit<Sighting, "truth">, title: string): Case;
  note(incident: number, kind: "signal" | "verdict" | "operator", text: string): void;
  mitigated(one: Case, atMs: number): void;
  reopened(one: Case, explanation: string): void;
  /** Tells the end: takes a page back, or reports quietly what was healed. */
  resolved(one: Case, atMs: number, plan: PlanSettings | undefined): void;
  /** Ends it without a word of how the object is: a person said so, or nobody follows it any more. */
  closed(one: Case, atMs: number, why: string, plan: PlanSettings | undefined): void;
  /** Calls a person, once per incident. The case as it is then. */
  page(one: Case, plan: PlanSettings, why: string): Case;
}

/** Over the history and the notices. */
export function createIncidentDesk({
  history,
  notify,
  clock,
  touching,
  log,
}: RecoveryDeps): IncidentDesk {
  const { incidents } = history;
  const write = (
    incident: number,
    kind: "signal" | "verdict" | "operator" | "notification",
    text: string,
  ): void => incidents.note(incident, { atMs: clock.nowMs(), kind, text });

  return {
    open(plan, seen, title) {
      const detectedAtMs = clock.nowMs();
      const faultAtMs = Math.min(seen.faultAtMs, detectedAtMs);
      const { object, subject } = seen;
      const drill = touching(subject);
      const incident = incidents.open({
        title,
        object,
        plan: plan.name,
        drill,
        faultAtMs,
        detectedAtMs,
      });
      write(incident, "signal", seen.explanation);
      if (drill !== undefined) write(incident, "verdict", `${object} is under drill ${drill}`);
      log.warn({ incident, plan: plan.name, object, drill }, `${title}: ${seen.explanation}`);
      const never = { fineSinceMs: undefined, refusal: undefined };
      const flags = { paged: false, dismissed: false, over: false, deed: "", attempts: 0 };
      const times = { faultAtMs, detectedAtMs, state: "open" } as const;
      return { plan: plan.name, object, subject, incident, ...times, ...never, ...flags };
    },
    note: write,
    mitigated({ incident, deed }, atMs) {
      incidents.change(incident, { state: "mitigated", mitigatedAtMs: atMs });
      const how = deed === "" ? "by itself, without action" : `after ${deed}`;
      write(incident, "verdict", `the signal is fine again, ${how}`);
    },
    reopened({ incident }, explanation) {
      incidents.change(incident, { state: "open", mitigatedAtMs: undefined });
      write(incident, "signal", `it is back: ${explanation}`);
    },
    resolved(one, atMs, plan) {
      const { incident, object, faultAtMs, fineSinceMs = atMs, deed, paged } = one;
      const took = tookInWords(fineSinceMs - faultAtMs);
      const how = deed === "" ? "by itself" : `by ${deed}`;
      const summary = `${object} healed in ${took} ${how}`;
      const receivers = (paged ? plan?.onFailure : plan?.onSuccess) ?? [];
      const common = { plan: one.plan, incident, object, summary, receivers };
      const key = `recovery/${incident}`;
      const details = `incident ${incident}: evenkeel incidents show ${incident}`;
      // Told first: after an end between the two it is told again, under the same key.
      notify({ kind: paged ? "over" : "report", key, ...common, details, atMs });
      write(incident, "notification", `resolved: ${summary}`);
      incidents.change(incident, { state: "resolved", resolvedAtMs: atMs });
      log.info({ incident, plan: one.plan, object }, summary);
    },
    closed({ plan: name, incident, object, paged }, atMs, why, plan) {
      const summary = `${object}: ${why}`;
      const common = { plan: name, incident, object, summary, receivers: plan?.onFailure ?? [] };
      const details = `incident ${incident}: evenkeel incidents show ${incident}`;
      if (paged) notify({ kind: "over", key: `recovery/${incident}`, ...common, details, atMs });
      write(incident, "verdict", `closed: ${why}`);
      incidents.change(incident, { state: "resolved", resolvedAtMs: atMs, handling: "human" });
      log.info({ incident, plan: name, object }, `closed: ${summary}`);
    },
    page(one, plan, why) {
      if (one.paged) return one;
      const { incident, object } = one;
      const summary = `${object} needs a person: ${plan.name}: ${why}`;
      incidents.change(incident, { handling: "human" });
      write(incident, "notification", `called a person: ${why}`);
      log.error({ incident, plan: plan.name, object }, summary);
      const title = incidents.get(incident)?.incident.title ?? "";
      const details = [
        ...(title === "" ? [] : [`what is wrong: ${title}`]),
        `what was done: ${one.deed === "" ? "nothing" : one.deed}`,
        `incident ${incident}: evenkeel incidents show ${incident}`,
      ].join("\n");
      const receivers = plan.onFailure;
      const common = { plan: plan.name, incident, object, summary, details, receivers };
      notify({ kind: "page", key: `recovery/${incident}`, ...common, atMs: clock.nowMs() });
      return { ...one, paged: true };
    },
  };
}
