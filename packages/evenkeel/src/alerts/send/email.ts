/** Mail over SMTP. */
import { createHash } from "node:crypto";
import { connect, type Socket } from "node:net";
import type { ReceiverSettings } from "../../snapshot/alert-settings.ts";
import type { SendOutcome } from "../deps.ts";
import { formatLabels } from "../labels.ts";
import type { Message, ToldAlert } from "../message.ts";
import { redact, secretsOf } from "./redact.ts";
import { alertLine, clip, headline, times, worst } from "./wording.ts";

type Email = Extract<ReceiverSettings, { kind: "email" }>;

const MAX_SUBJECT = 200;

/** One mail, as nodemailer takes it. Mails of one group are a thread: all but the first refer to it. */
export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly messageId: string;
  readonly inReplyTo?: string;
  readonly references?: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The mail of a message. Its Message-ID is the same at each try. */
export function mailOf(
  receiver: Pick<Email, "from" | "to">,
  message: Message,
  source: string,
): Mail {
  const idOf = (text: string): string => {
    const hash = createHash("sha256").update(text).digest("hex").slice(0, 32);
    return `<${hash}@${source.replaceAll(/[^A-Za-z0-9.-]/g, "-") || "evenkeel"}>`;
  };
  const root = idOf(message.thread);
  const own = message.first ? root : idOf(message.id);
  const lines = message.alerts.map((alert) => describe(alert));
  const more = message.truncated > 0 ? `\n\nand ${message.truncated} more` : "";
  const urgent = message.status === "firing" && worst(message) === "P0";
  return {
    from: receiver.from,
    to: receiver.to,
    subject: clip(oneLine(headline(message)), MAX_SUBJECT),
    text: `${lines.join("\n\n")}${more}\n\n-- \nEvenkeel on ${source}\n`,
    html: html(message, source),
    messageId: own,
    ...(message.first ? {} : { inReplyTo: root, references: root }),
    headers: {
      "Auto-Submitted": "auto-generated",
      ...(urgent && { Importance: "high", "X-Priority": "1" }),
    },
  };
}

function describe(alert: ToldAlert): string {
  const lines = [alertLine(alert), times(alert)];
  if (alert.details !== "") lines.push(alert.details);
  lines.push(formatLabels(alert.labels));
  if (alert.runbook !== undefined) lines.push(`Runbook: ${alert.runbook}`);
  return lines.join("\n");
}

function html(message: Message, source: string): string {
  const items = message.alerts.map((alert) => {
    const { runbook } = alert;
    const isLink = runbook !== undefined && /^https?:/.test(runbook);
    const link = isLink ? `<p><a href="${escape(runbook)}">Runbook</a></p>` : "";
    const color = alert.status === "resolved" ? "#1a7f37" : "#b42318";
    return (
      `<h3 style="color:${color}">${escape(alertLine(alert))}</h3>` +
      `<p>${escape(times(alert))}</p><pre>${escape(alert.details)}</pre>` +
      `<p><small>${escape(formatLabels(alert.labels))}</small></p>${link}`
    );
  });
  const more = message.truncated > 0 ? `<p>and ${message.truncated} more</p>` : "";
  return `<!doctype html><body>${items.join("")}${more}<hr><small>Evenkeel on ${escape(source)}</small></body>`;
}

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}

const PHASE_MS = 8000;

/** Delivers it. The connection is our own, so that the abort cuts it whatever it is at. */
export async function sendEmail(
  receiver: Email,
  message: Message,
  source: string,
  signal: AbortSignal,
): Promise<SendOutcome> {
  const { host, port, tls, user, password } = receiver;
  let socket: Socket | undefined;
  try {
    socket = await open(host, port, signal);
    // Loaded with the first mail: most never send one, and it would delay every start.
    const { createTransport } = await import("nodemailer");
    const transport = createTransport({
      host,
      port,
      connection: socket,
      secure: tls === "implicit",
      requireTLS: tls === "starttls",
      ignoreTLS: tls === "off",
      ...(user !== undefined && { auth: { user, pass: password ?? "" } }),
      greetingTimeout: PHASE_MS,
      socketTimeout: PHASE_MS,
      tls: { servername: host },
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    const mail = mailOf(receiver, message, source);
    const { response, rejected } = await transport.sendMail({ ...mail, to: [...mail.to] });
    const left = rejected.length > 0 ? `; it refused ${rejected.length} of the addresses` : "";
    return { kind: "sent", text: redact(`it answered ${response}${left}`, secretsOf(receiver)) };
  } catch (error) {
    return failure(error, receiver);
  } finally {
    socket?.destroy();
  }
}

function open(host: string, port: number, signal: AbortSignal): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const socket = connect({ host, port });
  signal.addEventListener("abort", () => socket.destroy(new Error("it was called off")), {
    once: true,
  });
  if (signal.aborted) socket.destroy(new Error("it was called off"));
  socket.once("connect", () => resolve(socket));
  // Stays: an error after the mail was taken concerns nobody.
  socket.on("error", reject);
  return promise;
}

/** What the server refuses for good it answers with a code of 500 and above (RFC 5321, 4.2.1). */
function failure(error: unknown, receiver: Email): SendOutcome {
  const { code, responseCode, message } = error as {
    readonly code?: string;
    readonly responseCode?: number;
    readonly message?: string;
  };
  const text = redact(clip(`${message ?? "it failed"}${code ? ` (${code})` : ""}`, 300), [
    ...secretsOf(receiver),
  ]);
  if (responseCode !== undefined && responseCode >= 500) return { kind: "refused", text };
  return { kind: "failed", text, notBeforeMs: undefined };
}
