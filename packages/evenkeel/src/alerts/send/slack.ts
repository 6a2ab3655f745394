/** Slack, incoming webhooks (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks). */
import type { ReceiverSettings } from "../../snapshot/alert-settings.ts";
import type { SendOutcome } from "../deps.ts";
import type { Message, ToldAlert } from "../message.ts";
import { callHttp } from "./http-call.ts";
import { secretsOf } from "./redact.ts";
import { alertLine, clip, headline, isoTime } from "./wording.ts";

type Slack = Extract<ReceiverSettings, { kind: "slack" }>;

/** A message holds 50 blocks; long before that nobody reads on, and Slack refuses long ones. */
const MAX_BLOCKS_OF_ALERTS = 8;
const MAX_HEADER = 150;
const MAX_SECTION = 600;
const MAX_TEXT = 1500;

/** What is posted: `text` for notifications, `blocks` for those who look. */
export function slackBody(message: Message, channel: string | undefined): object {
  const shown = message.alerts.slice(0, MAX_BLOCKS_OF_ALERTS);
  const more = message.alerts.length + message.truncated - shown.length;
  const sections = shown.map((alert) => ({
    type: "section",
    text: { type: "mrkdwn", text: clip(describe(alert), MAX_SECTION) },
  }));
  const rest = { type: "context", elements: [{ type: "mrkdwn", text: `and ${more} more` }] };
  return {
    ...(channel !== undefined && { channel }),
    text: clip(escape(headline(message)), MAX_TEXT),
    blocks: [
      // Plain text is not read as markup, so it is not escaped.
      {
        type: "header",
        text: { type: "plain_text", text: clip(headline(message), MAX_HEADER), emoji: false },
      },
      ...sections,
      ...(more > 0 ? [rest] : []),
    ],
  };
}

function describe(alert: ToldAlert): string {
  const lines = [`*${escape(clip(alertLine(alert), 250))}*`];
  if (alert.details !== "") lines.push(escape(clip(alert.details, 200)));
  // Slack shows the time as it is where the reader is.
  const at = Math.floor((alert.endedAtMs ?? alert.startedAtMs) / 1000);
  const word = alert.endedAtMs === undefined ? "since" : "until";
  const shown = isoTime(at * 1000);
  lines.push(`${word} <!date^${at}^{date_short_pretty} {time_secs}|${shown}>`);
  const { runbook } = alert;
  if (runbook !== undefined && /^https?:[^\s<>|]+$/.test(runbook) && runbook.length <= 100) {
    lines.push(`<${escape(runbook)}|Runbook>`);
  }
  return lines.join("\n");
}

/** The three characters that Slack takes for markup of its own. */
function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Posts it. */
export function sendSlack(
  receiver: Slack,
  message: Message,
  signal: AbortSignal,
): Promise<SendOutcome> {
  const { url, channel } = receiver;
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify(slackBody(message, channel));
  return callHttp({ url, method: "POST", headers, body, secrets: secretsOf(receiver) }, signal);
}
