/** Webhooks and whatever else takes a request: text-message gateways, chats, tickets. */
import { escapingFor, fillTemplate } from "../../lib/alert-template.ts";
import type { ReceiverSettings } from "../../snapshot/alert-settings.ts";
import type { SendOutcome } from "../deps.ts";
import { labelsOf } from "../labels.ts";
import type { Message } from "../message.ts";
import { webhookV4 } from "./alertmanager.ts";
import { callHttp, type HttpCall } from "./http-call.ts";
import { secretsOf } from "./redact.ts";
import { headline, isoTime, worst } from "./wording.ts";

type Webhook = Extract<ReceiverSettings, { kind: "webhook" }>;

/** What the request is, values filled in. `Idempotency-Key` is the same at each try, so that whoever
 * knows it takes a message once. */
export function webhookCall(receiver: Webhook, message: Message): HttpCall {
  const { method, body, contentType } = receiver;
  const values = templateValues(message, receiver.name);
  const headers = { "idempotency-key": message.id, ...receiver.headers };
  const url = fillTemplate(receiver.url, values, "form");
  const secrets = secretsOf({ ...receiver, url });
  if (method === "GET") return { url, method, headers, body: undefined, secrets };
  const text =
    body === undefined
      ? JSON.stringify(webhookV4(message, receiver.name))
      : fillTemplate(body, values, escapingFor(contentType));
  return { url, method, headers: { ...headers, "content-type": contentType }, body: text, secrets };
}

/** What templates may name. */
export function templateValues(message: Message, receiver: string): Record<string, string> {
  const [first] = message.alerts;
  const labels = first ? Object.entries(labelsOf(first)) : [];
  return {
    ...Object.fromEntries(labels.map(([name, value]) => [`labels.${name}`, value])),
    summary: headline(message),
    details: first?.details ?? "",
    severity: worst(message),
    status: message.kind === "alerts" ? message.status : message.kind,
    alert: first?.alert ?? "",
    count: String(message.alerts.length + message.truncated),
    key: first?.key ?? "",
    group: message.groupKey,
    runbook: first?.runbook ?? "",
    receiver,
    started_at: first ? isoTime(first.startedAtMs) : "",
    ended_at: first?.endedAtMs === undefined ? "" : isoTime(first.endedAtMs),
    id: message.id,
  };
}

/** Sends it. */
export function sendWebhook(
  receiver: Webhook,
  message: Message,
  signal: AbortSignal,
): Promise<SendOutcome> {
  return callHttp(webhookCall(receiver, message), signal);
}
