/** Sends messages to receivers of every kind. */
import type { Send } from "../deps.ts";
import { sendAlertmanager } from "./alertmanager.ts";
import { sendEmail } from "./email.ts";
import { sendPagerDuty } from "./pagerduty.ts";
import { sendSlack } from "./slack.ts";
import { sendWebhook } from "./webhook.ts";

/** What messages say of who sends them. */
export interface Sender {
  /** The name of this Evenkeel: the machine's, where nothing better is known. */
  readonly source: string;
}

/** The real thing: HTTP and SMTP. */
export function createSend({ source }: Sender): Send {
  return (receiver, message, signal) => {
    switch (receiver.kind) {
      case "pagerduty":
        return sendPagerDuty(receiver, message, source, signal);
      case "slack":
        return sendSlack(receiver, message, signal);
      case "email":
        return sendEmail(receiver, message, source, signal);
      case "alertmanager":
        return sendAlertmanager(receiver, message, signal);
      case "webhook":
      default:
        return sendWebhook(receiver, message, signal);
    }
  };
}
