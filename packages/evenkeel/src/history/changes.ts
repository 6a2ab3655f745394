/** What may wait for a full disk: changes as plain data, so that they can be written later and seen
 * meanwhile. */
import type { Incident, Incidents, LedgerEntry, TimelineEntry } from "./contract.ts";
import type { Database } from "./database.ts";

export type IncidentChange = Parameters<Incidents["change"]>[1];

export type Change =
  | { readonly kind: "open"; readonly incident: Incident }
  | { readonly kind: "note"; readonly id: number; readonly entry: TimelineEntry }
  | { readonly kind: "change"; readonly id: number; readonly change: IncidentChange }
  | {
      readonly kind: "advance";
      readonly id: number;
      readonly state: LedgerEntry["state"];
      readonly outcome: string | undefined;
      readonly atMs: number;
    }
  /** `value` is JSON; undefined forgets it. */
  | {
      readonly kind: "remember";
      readonly space: string;
      readonly key: string;
      readonly value: string | undefined;
    };

/** A timeline does not grow beyond this. */
export const LONGEST_TIMELINE = 1000;
const LONGEST_TEXT = 4000;

const columns = {
  handling: "handling",
  plan: "plan",
  state: "state",
  actionAtMs: "action_at",
  mitigatedAtMs: "mitigated_at",
  resolvedAtMs: "resolved_at",
  acknowledgedBy: "acknowledged_by",
} as const satisfies Record<keyof IncidentChange, string>;

/** Writes one change. What it is about may be gone by now: then nothing is written. */
export function writeChange(database: Database, change: Change): void {
  switch (change.kind) {
    case "open":
      return writeIncident(database, change.incident);
    case "note":
      return writeNote(database, change.id, change.entry);
    case "change":
      return writeColumns(database, change.id, change.change);
    case "advance": {
      const sql =
        "UPDATE ledger SET state = ?, outcome = coalesce(?, outcome), changed_at = ? WHERE id = ?";
      const outcome = change.outcome === undefined ? null : shorten(change.outcome);
      database.run(sql, change.state, outcome, change.atMs, change.id);
      return;
    }
    case "remember": {
      const { space, key, value } = change;
      if (value === undefined) {
        database.run("DELETE FROM memory WHERE space = ? AND key = ?", space, key);
      } else {
        const sql = "INSERT OR REPLACE INTO memory (space, key, value) VALUES (?, ?, ?)";
        database.run(sql, space, key, value);
      }
    }
  }
}

function writeIncident(database: Database, incident: Incident): void {
  const sql = `INSERT OR IGNORE INTO incidents
    (id, title, handling, drill, plan, object, state, fault_at, detected_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`;
  const { id, title, handling, drill, plan, object, state, faultAtMs, detectedAtMs } = incident;
  const many = [id, shorten(title), handling, drill ?? null, plan ?? null, object, state] as const;
  database.run(sql, ...many, Math.round(faultAtMs), Math.round(detectedAtMs));
}

function writeNote(database: Database, id: number, { atMs, kind, text }: TimelineEntry): void {
  const sql = `INSERT INTO timeline (incident, at, kind, text) SELECT ?, ?, ?, ?
    WHERE EXISTS (SELECT 1 FROM incidents WHERE id = ?)
    AND (SELECT count(*) FROM timeline WHERE incident = ?) < ${LONGEST_TIMELINE}`;
  database.run(sql, id, Math.round(atMs), kind, shorten(text), id, id);
}

function writeColumns(database: Database, id: number, change: IncidentChange): void {
  const keys = Object.keys(change) as (keyof IncidentChange)[];
  if (keys.length === 0) return;
  const sets = keys.map((key) => `${columns[key]} = ?`).join(", ");
  const values = keys.map((key) => change[key] ?? null);
  const whole = values.map((value) => (typeof value === "number" ? Math.round(value) : value));
  database.run(`UPDATE incidents SET ${sets} WHERE id = ?`, ...whole, id);
}

/** Texts are bounded: some are what programs wrote. */
export function shorten(text: string): string {
  return text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT)}…`;
}
