/** Alertmanager: as one of its clients (API v2), and in the words of its webhooks (version 4). */
import type { ReceiverSettings } from "../../snapshot/alert-settings.ts";
import type { SendOutcome } from "../deps.ts";
import { fingerprint, formatLabels, labelsOf, type Labels } from "../labels.ts";
import type { Message, ToldAlert } from "../message.ts";
import { callHttp } from "./http-call.ts";
import { secretsOf } from "./redact.ts";

type Alertmanager = Extract<ReceiverSettings, { kind: "alertmanager" }>;

/** What Alertmanager writes where there is no time. */
const NEVER = "0001-01-01T00:00:00Z";

/** Labels in the form that Alertmanager asks for; `alert` is its `alertname`. Empty ones are none. */
export function amLabels(labels: Labels): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(labels)) {
    if (value === "") continue;
    result[name === "alert" ? "alertname" : name.replaceAll(/[^a-zA-Z0-9_]/g, "_")] = value;
  }
  return result;
}

function annotations({ summary, details, runbook }: ToldAlert): Record<string, string> {
  return {
    summary,
    ...(details !== "" && { description: details }),
    ...(runbook !== undefined && { runbook_url: runbook }),
  };
}

const timestamp = (atMs: number): string => new Date(atMs).toISOString();

/** The body of `POST /api/v2/alerts`. Firing ones end by themselves unless told again in time. */
export function amAlerts(message: Message): object[] {
  return message.alerts.map((alert) => ({
    labels: amLabels(labelsOf(alert)),
    annotations: annotations(alert),
    startsAt: timestamp(alert.startedAtMs),
    endsAt: timestamp(alert.endedAtMs ?? message.goodUntilMs),
  }));
}

/** Posts them. */
export function sendAlertmanager(
  receiver: Alertmanager,
  message: Message,
  signal: AbortSignal,
): Promise<SendOutcome> {
  const url = `${receiver.url.replace(/\/+$/, "")}/api/v2/alerts`;
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify(amAlerts(message));
  return callHttp({ url, method: "POST", headers, body, secrets: secretsOf(receiver) }, signal);
}

/** The JSON of Alertmanager's webhooks, version 4. */
export function webhookV4(message: Message, receiver: string): object {
  const labels = message.alerts.map((alert) => amLabels(labelsOf(alert)));
  const notes = message.alerts.map((alert) => annotations(alert));
  const groupLabels = amLabels(message.groupLabels);
  return {
    version: "4",
    groupKey: `{}:${formatLabels(groupLabels)}`,
    truncatedAlerts: message.truncated,
    status: message.status,
    receiver,
    groupLabels,
    commonLabels: common(labels),
    commonAnnotations: common(notes),
    externalURL: "",
    alerts: message.alerts.map((alert, at) => ({
      status: alert.status,
      labels: labels[at],
      annotations: notes[at],
      startsAt: timestamp(alert.startedAtMs),
      endsAt: alert.endedAtMs === undefined ? NEVER : timestamp(alert.endedAtMs),
      generatorURL: "",
      fingerprint: fingerprint(labels[at] ?? {}),
    })),
  };
}

/** What all of them have, with equal values. */
function common(all: readonly Readonly<Record<string, string>>[]): Record<string, string> {
  const [first = {}, ...others] = all;
  const shared = Object.entries(first).filter(([name, value]) =>
    others.every((other) => other[name] === value),
  );
  return Object.fromEntries(shared);
}
