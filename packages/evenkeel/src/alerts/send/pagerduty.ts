/** PagerDuty, Events API v2 (https://developer.pagerduty.com/docs/events-api-v2-overview). */
import { createHash } from "node:crypto";
import type { ReceiverSettings } from "../../snapshot/alert-settings.ts";
import type { SendOutcome } from "../deps.ts";
import { labelsOf } from "../labels.ts";
import type { Message } from "../message.ts";
import { callHttp } from "./http-call.ts";
import { redact, secretsOf } from "./redact.ts";
import { alertLine, clip, headline, worst } from "./wording.ts";

type PagerDuty = Extract<ReceiverSettings, { kind: "pagerduty" }>;
type Action = "trigger" | "acknowledge" | "resolve";

const MAX_SUMMARY = 1024;
const MAX_DEDUP_KEY = 255;
const MAX_DETAILS = 20;

const severities = { P0: "critical", P1: "warning", P2: "info" } as const;

/** What one event is posted as. */
export interface PagerDutyEvent {
  readonly path: "enqueue" | "change/enqueue";
  readonly body: Readonly<Record<string, unknown>>;
}

/** The events of a message, in order. One incident per group; a report is a change event, which
 * pages nobody, unless it is as urgent as a page. */
export function pagerDutyEvents(message: Message, key: string, source: string): PagerDutyEvent[] {
  const event = (action: Action): PagerDutyEvent => ({
    path: "enqueue",
    body: {
      routing_key: key,
      event_action: action,
      dedup_key: dedupKey(message.groupKey),
      ...(action === "trigger" && {
        payload: payload(message, source),
        client: "Evenkeel",
        ...links(message),
      }),
    },
  });
  if (message.kind === "test") return [event("trigger"), event("resolve")];
  if (message.kind === "acknowledged") return [event("acknowledge")];
  if (message.kind === "alerts")
    return [event(message.status === "firing" ? "trigger" : "resolve")];
  if (worst(message) === "P0") return [event("trigger")];
  const { summary, timestamp, custom_details } = payload(message, source);
  const change = { summary, source, timestamp, custom_details };
  return [
    { path: "change/enqueue", body: { routing_key: key, payload: change, ...links(message) } },
  ];
}

/** At most 255 characters; a longer key is replaced by its beginning and a hash of all of it. */
export function dedupKey(groupKey: string): string {
  const key = `evenkeel/${groupKey}`;
  if (key.length <= MAX_DEDUP_KEY) return key;
  const hash = createHash("sha256").update(key).digest("hex").slice(0, 32);
  return `${key.slice(0, MAX_DEDUP_KEY - hash.length - 1)}#${hash}`;
}

function payload(message: Message, source: string) {
  const first = message.alerts[0];
  const labels = first ? labelsOf(first) : {};
  const component = labels["endpoint"] ?? labels["instance"] ?? labels["process"];
  const group = labels["upstream"] ?? labels["process"] ?? labels["route"];
  return {
    summary: clip(headline(message), MAX_SUMMARY),
    source,
    severity: severities[worst(message)],
    timestamp: new Date(first?.startedAtMs ?? message.atMs).toISOString(),
    ...(component !== undefined && { component }),
    ...(group !== undefined && { group }),
    ...(first && { class: first.alert }),
    custom_details: {
      alerts: message.alerts.slice(0, MAX_DETAILS).map((alert) => alertLine(alert)),
      count: message.alerts.length + message.truncated,
      details: clip(first?.details ?? "", 4000),
      labels,
    },
  };
}

function links(message: Message): { links?: readonly { href: string; text: string }[] } {
  const books = [...new Set(message.alerts.map(({ runbook }) => runbook))];
  const links = books.flatMap((href) =>
    href !== undefined && /^https?:/.test(href) ? [{ href, text: "Runbook" }] : [],
  );
  return links.length > 0 ? { links } : {};
}

/** Posts them one after the other; the first that does not go well decides. */
export async function sendPagerDuty(
  receiver: PagerDuty,
  message: Message,
  source: string,
  signal: AbortSignal,
): Promise<SendOutcome> {
  const secrets = secretsOf(receiver);
  let outcome: SendOutcome = { kind: "refused", text: "there was nothing to send" };
  for (const { path, body } of pagerDutyEvents(message, receiver.routingKey, source)) {
    const url = receiver.url.replace(/\/enqueue$/, `/${path}`);
    const headers = { "content-type": "application/json" };
    const call = { url, method: "POST", headers, body: JSON.stringify(body), secrets };
    outcome = await callHttp(call, signal);
    if (outcome.kind !== "sent") break;
  }
  return { ...outcome, text: redact(outcome.text, secrets) };
}
