/** Labels of alerts, and what they are asked. */
import type { Notice } from "./contract.ts";

export type Labels = Readonly<Record<string, string>>;

/** All labels of an alert: its own, and `alert` and `severity`. */
export function labelsOf(notice: Pick<Notice, "alert" | "severity" | "labels">): Labels {
  return { ...notice.labels, alert: notice.alert, severity: notice.severity };
}

/** Whether all labels asked for are there and equal; an empty match matches everything. As in
 * Alertmanager, a label that is not there equals the empty text. */
export function matches(match: Labels, labels: Labels): boolean {
  for (const name in match) if ((labels[name] ?? "") !== match[name]) return false;
  return true;
}

/** `{severity="P0", upstream="api"}`, by name; `{}` for none. */
export function formatLabels(labels: Labels): string {
  const parts = Object.keys(labels)
    .toSorted()
    .map((name) => `${name}=${JSON.stringify(labels[name])}`);
  return `{${parts.join(", ")}}`;
}

/** Those of the names that have a value. */
export function pick(labels: Labels, names: readonly string[]): Labels {
  const picked: Record<string, string> = {};
  for (const name of names) {
    const value = labels[name];
    if (value !== undefined && value !== "") picked[name] = value;
  }
  return picked;
}

const PRIME = 0x100000001b3n;
const OFFSET = 0xcbf29ce484222325n;
const SEPARATOR = 0xffn;
const MASK = 0xffffffffffffffffn;

/** 16 hex digits, the same as Alertmanager makes of the same labels: FNV-1a over names and values in
 * order of names, each followed by a byte that is in no text. */
export function fingerprint(labels: Labels): string {
  let hash = OFFSET;
  const add = (byte: bigint): void => void (hash = ((hash ^ byte) * PRIME) & MASK);
  for (const name of Object.keys(labels).toSorted()) {
    for (const text of [name, labels[name] ?? ""]) {
      for (const byte of Buffer.from(text)) add(BigInt(byte));
      add(SEPARATOR);
    }
  }
  return hash.toString(16).padStart(16, "0");
}
