/** Messages in words, for people. */
import type { Message, ToldAlert } from "../message.ts";

/** One line: `[FIRING] P0 high-errors: …`, or how many of them. */
export function headline(message: Message): string {
  const [first] = message.alerts;
  const total = message.alerts.length + message.truncated;
  if (message.kind === "test") return first?.summary ?? "";
  const word = message.kind === "report" ? "" : `[${message.status.toUpperCase()}] `;
  if (total <= 1) return `${word}${first?.severity ?? ""} ${first?.summary ?? ""}`;
  const names = [...new Set(message.alerts.map(({ alert }) => alert))].slice(0, 3).join(", ");
  return `${word}${worst(message)} ${total} alerts: ${names}`;
}

/** P0 before P1 before P2. */
export function worst(message: Message): ToldAlert["severity"] {
  return message.alerts.map(({ severity }) => severity).toSorted()[0] ?? "P2";
}

/** One alert in one line. */
export function alertLine(alert: ToldAlert): string {
  const state = alert.status === "resolved" ? "resolved: " : "";
  const seen = alert.acknowledgedBy === undefined ? "" : ` (seen by ${alert.acknowledgedBy})`;
  return `${alert.severity} ${state}${alert.summary}${seen}`;
}

/** When it began, and ended. */
export function times(alert: ToldAlert): string {
  const began = `since ${isoTime(alert.startedAtMs)}`;
  return alert.endedAtMs === undefined ? began : `${began}, until ${isoTime(alert.endedAtMs)}`;
}

/** In UTC, to the second. */
export function isoTime(atMs: number): string {
  return new Date(atMs).toISOString().replace(/\.\d+Z$/, "Z");
}

/** Cut to so many characters, never within one of two code units. */
export function clip(text: string, most: number): string {
  if (text.length <= most) return text;
  const cut = text.slice(0, most - 1);
  return `${/[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
}
