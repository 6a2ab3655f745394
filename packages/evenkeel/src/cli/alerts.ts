/** Alerts, silences and receivers from the command line. */
import type { AlertDocument, DeliveryDocument, SilenceDocument } from "../admin/alert-document.ts";
import { formatDuration, parseDuration } from "../lib/duration.ts";
import type { AdminClient } from "./admin-client.ts";
import { Failure } from "./failure.ts";
import { createPaint, type Paint } from "./style.ts";
import { formatTable, type Column } from "./table.ts";
import type { Terminal } from "./terminal.ts";

const left = (title: string): Column => ({ title, align: "left" });

/** All alerts and what could not be delivered. */
export async function showAlerts(
  client: AdminClient,
  { json }: { readonly json: boolean },
  terminal: Terminal,
  nowMs: number,
): Promise<void> {
  const { alerts } = (await client.get("/alerts")) as { readonly alerts: readonly AlertDocument[] };
  if (json) return terminal.print(JSON.stringify({ alerts }, undefined, 2));
  const paint = createPaint(terminal.stdout, terminal.environment);
  for (const line of alertLines(alerts, nowMs, paint)) terminal.print(line);
  const answer = await client.get("/alerts/deliveries");
  const { deliveries } = answer as { readonly deliveries: readonly DeliveryDocument[] };
  for (const line of troubleLines(deliveries, nowMs)) terminal.warn(line);
}

/** A table, or one line where there is nothing. */
export function alertLines(
  alerts: readonly AlertDocument[],
  nowMs: number,
  paint: Paint,
): readonly string[] {
  if (alerts.length === 0) return ["no alerts"];
  const columns = ["SEVERITY", "STATE", "SINCE", "KEY", "SUMMARY", "NOTE"].map(left);
  const rows = alerts.map(({ severity, state, since, key, summary, ...rest }) => [
    severity,
    state,
    ago(since, nowMs),
    key,
    summary,
    noteOf(rest),
  ]);
  return formatTable(columns, rows, (text, row, column) => {
    if (column !== 1) return text;
    const { state, severity } = alerts[row]!;
    if (state === "firing") return paint(severity === "P0" ? "red" : "yellow", text);
    return state === "resolved" ? paint("green", text) : text;
  });
}

function noteOf(alert: Pick<AlertDocument, "silenced_by" | "acknowledged_by">): string {
  const seen = alert.acknowledged_by === null ? "" : `seen by ${alert.acknowledged_by}`;
  return [seen, alert.silenced_by ?? ""].filter((part) => part !== "").join(", ");
}

/** What is late or was given up, the newest of each receiver. */
export function troubleLines(
  deliveries: readonly DeliveryDocument[],
  nowMs: number,
): readonly string[] {
  const told = new Set<string>();
  return deliveries.flatMap(({ receiver, state, alert, attempts, last_problem, at }) => {
    const isFirst = !told.has(receiver);
    told.add(receiver);
    if (!isFirst || state === "sent" || last_problem === null) return [];
    const word = state === "due" ? "is not reached" : "was given up";
    const count = attempts === 1 ? "1 try" : `${attempts} tries`;
    return [
      `warning: ${receiver} ${word} for ${alert}, ${count}, ${ago(at, nowMs)}: ${last_problem}`,
    ];
  });
}

function ago(at: string, nowMs: number): string {
  const seconds = Math.max(0, Math.round((nowMs - Date.parse(at)) / 1000));
  const [unit] = [86_400, 3600, 60].filter((size) => seconds >= 2 * size);
  const rounded = unit === undefined ? seconds : Math.floor(seconds / unit) * unit;
  return `${formatDuration(rounded * 1000)} ago`;
}

/** No repeats of an alert until it resolves. */
export async function acknowledgeAlert(
  client: AdminClient,
  key: string,
  by: string | undefined,
  terminal: Terminal,
): Promise<void> {
  const who = by ?? terminal.environment["USER"];
  await client.post(`/alerts/${encodeURIComponent(key)}/ack`, who === undefined ? {} : { by: who });
  terminal.print(`${key} is acknowledged: it is not repeated until it resolves`);
}

export interface SilenceOptions {
  /** `LABEL=VALUE`. */
  readonly match: readonly string[];
  readonly for: string;
  readonly comment: string;
  readonly by: string | undefined;
}

/** Keeps what matches quiet for a while. */
export async function silenceAlerts(
  client: AdminClient,
  options: SilenceOptions,
  terminal: Terminal,
): Promise<void> {
  const { comment } = options;
  if (!parseDuration(options.for)) {
    throw new Failure(2, `--for wants a duration such as 2h, not "${options.for}"`);
  }
  const match = Object.fromEntries(options.match.map(parseMatch));
  const by = options.by ?? terminal.environment["USER"];
  const body = { match, for: options.for, comment, ...(by !== undefined && { by }) };
  const answer = (await client.post("/silences", body)) as {
    readonly silence: SilenceDocument;
    readonly silences_now: readonly string[];
  };
  const now = answer.silences_now.join(", ") || "nothing that fires now";
  terminal.print(`silence ${answer.silence.id} until ${answer.silence.until}: ${now}`);
}

function parseMatch(text: string): [label: string, value: string] {
  const at = text.indexOf("=");
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  throw new Failure(2, `--match wants LABEL=VALUE such as severity=P1, not "${text}"`);
}

/** All silences. */
export async function showSilences(
  client: AdminClient,
  { json }: { readonly json: boolean },
  terminal: Terminal,
): Promise<void> {
  const answer = (await client.get("/silences")) as {
    readonly silences: readonly SilenceDocument[];
  };
  if (json) return terminal.print(JSON.stringify(answer, undefined, 2));
  if (answer.silences.length === 0) return terminal.print("no silences");
  const rows = answer.silences.map(({ id, match, until, by, comment }) => [
    id,
    Object.entries(match)
      .map(([label, value]) => `${label}=${value}`)
      .join(" "),
    until,
    by,
    comment,
  ]);
  const columns = ["ID", "MATCH", "UNTIL", "BY", "COMMENT"].map(left);
  for (const line of formatTable(columns, rows)) terminal.print(line);
}

/** Ends a silence before its time. */
export async function endSilence(
  client: AdminClient,
  id: string,
  terminal: Terminal,
): Promise<void> {
  await client.post(`/silences/${encodeURIComponent(id)}/end`);
  terminal.print(`silence ${id} is over`);
}

/** Sends a test notice; a `Failure` where the receiver did not take it. */
export async function testReceiver(
  client: AdminClient,
  name: string,
  terminal: Terminal,
): Promise<void> {
  const answer = await client.post(`/receivers/${encodeURIComponent(name)}/test`);
  const { ok, text } = answer as { readonly ok: boolean; readonly text: string };
  if (!ok) throw new Failure(1, `${name} did not take the test: ${text}`);
  terminal.print(`${name} took the test: ${text}`);
}
