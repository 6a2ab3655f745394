/** Alerts, silences and deliveries as the admin address tells them: times in ISO 8601, null for what
 * is not so. */
import type { AlertView, DeliveryView, SilenceView } from "../alerts/contract.ts";

export interface AlertDocument {
  readonly key: string;
  readonly alert: string;
  readonly severity: AlertView["severity"];
  readonly state: AlertView["state"];
  readonly since: string;
  readonly started_at: string;
  readonly summary: string;
  readonly details: string;
  readonly runbook: string | null;
  readonly labels: Readonly<Record<string, string>>;
  /** `silence ID` or `maintenance NAME`. */
  readonly silenced_by: string | null;
  readonly acknowledged_by: string | null;
  readonly receivers: readonly string[];
}

export interface SilenceDocument {
  readonly id: string;
  readonly match: Readonly<Record<string, string>>;
  readonly until: string;
  readonly by: string;
  readonly comment: string;
}

export interface DeliveryDocument {
  readonly receiver: string;
  readonly alert: string;
  readonly state: DeliveryView["state"];
  readonly attempts: number;
  readonly last_problem: string | null;
  readonly at: string;
}

/** One alert. */
export function alertDocument(view: AlertView): AlertDocument {
  const { key, alert, severity, state, summary, details, labels, receivers } = view;
  return {
    key,
    alert,
    severity,
    state,
    since: iso(view.sinceMs),
    started_at: iso(view.startedAtMs),
    summary,
    details,
    runbook: view.runbook ?? null,
    labels,
    silenced_by: view.silencedBy ?? null,
    acknowledged_by: view.acknowledgedBy ?? null,
    receivers,
  };
}

/** One silence. */
export function silenceDocument({ id, match, untilMs, by, comment }: SilenceView): SilenceDocument {
  return { id, match, until: iso(untilMs), by, comment };
}

/** One delivery. */
export function deliveryDocument(view: DeliveryView): DeliveryDocument {
  const { receiver, alert, state, attempts, lastProblem, atMs } = view;
  return { receiver, alert, state, attempts, last_problem: lastProblem ?? null, at: iso(atMs) };
}

const iso = (atMs: number): string => new Date(atMs).toISOString();
