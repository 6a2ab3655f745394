/** Incidents and their timelines. */
import { type Change, LONGEST_TIMELINE, shorten, writeChange } from "./changes.ts";
import {
  HistoryUnavailable,
  type Incident,
  type Incidents,
  type IncidentState,
  type TimelineEntry,
} from "./contract.ts";
import type { Database, Row } from "./database.ts";
import { recoveryTimes } from "./recovery-times.ts";
import type { Store } from "./store.ts";
import type { WaitingChanges } from "./waiting-changes.ts";

/** Over an open store; what waits is laid over what the file says. Where the file can't be read,
 * only what waits is known. */
export function createIncidents(store: Store, waiting: WaitingChanges): Incidents {
  /** Ids are given here while the file can't. */
  let lastId = 0;

  const rows = <T>(sql: string, values: readonly (string | number)[], of: (row: Row) => T): T[] => {
    try {
      return store.read((database) => database.all(sql, ...values)).map(of);
    } catch (error) {
      if (error instanceof HistoryUnavailable) return []; // `problem` tells of it.
      throw error;
    }
  };
  const incidents = (sql: string, ...values: readonly (string | number)[]): Incident[] =>
    laidOver(rows(sql, values, incidentOf), waiting.list());

  const nextId = (database: Database): number => {
    const sql = "SELECT seq FROM sqlite_sequence WHERE name = 'incidents'";
    return Math.max(lastId, Number(database.all(sql)[0]?.["seq"] ?? 0)) + 1;
  };

  return {
    open(begun) {
      const made = (id: number): Incident => ({ ...newIncident, ...begun, id });
      waiting.retry();
      try {
        if (waiting.list().length > 0) throw new HistoryUnavailable("earlier changes wait");
        lastId = store.write((database) => {
          const id = nextId(database);
          writeChange(database, { kind: "open", incident: made(id) });
          return id;
        });
      } catch (error) {
        if (!(error instanceof HistoryUnavailable)) throw error;
        lastId = lastIdOf(rows, lastId) + 1;
        waiting.write({ kind: "open", incident: made(lastId) });
      }
      return lastId;
    },
    note: (id, entry) => waiting.write({ kind: "note", id, entry }),
    change: (id, change) => waiting.write({ kind: "change", id, change }),
    list: (limit) =>
      incidents("SELECT * FROM incidents ORDER BY id DESC LIMIT ?", limit).slice(0, limit),
    get(id) {
      const [incident] = incidents("SELECT * FROM incidents WHERE id = ?", id).filter(
        (one) => one.id === id,
      );
      if (!incident) return undefined;
      const sql = "SELECT at, kind, text FROM timeline WHERE incident = ? ORDER BY id";
      const written = rows(sql, [id], timelineOf);
      return { incident, timeline: [...written, ...notesOf(id, waiting.list())] };
    },
    openOnes: () =>
      incidents("SELECT * FROM incidents WHERE state <> 'resolved' ORDER BY id DESC").filter(
        ({ state }) => state !== "resolved",
      ),
    times(sinceMs) {
      const sql = "SELECT * FROM incidents WHERE detected_at >= ? ORDER BY id DESC";
      const known = incidents(sql, Math.round(sinceMs));
      return recoveryTimes(known.filter(({ detectedAtMs }) => detectedAtMs >= sinceMs));
    },
  };
}

const newIncident = {
  handling: "auto",
  state: "open",
  actionAtMs: undefined,
  mitigatedAtMs: undefined,
  resolvedAtMs: undefined,
  acknowledgedBy: undefined,
} as const;

type Rows = <T>(sql: string, values: readonly (string | number)[], of: (row: Row) => T) => T[];

function lastIdOf(rows: Rows, known: number): number {
  const sql = "SELECT seq FROM sqlite_sequence WHERE name = 'incidents'";
  return Math.max(known, ...rows(sql, [], (row) => Number(row["seq"])));
}

/** Newest first, as the rows are. Incidents that are opened by a change are put in front. */
function laidOver(written: readonly Incident[], changes: readonly Change[]): Incident[] {
  const known = new Map(written.map((incident) => [incident.id, incident]));
  for (const change of changes) {
    if (change.kind === "open") known.set(change.incident.id, change.incident);
    const before = change.kind === "change" ? known.get(change.id) : undefined;
    if (before && change.kind === "change") known.set(change.id, { ...before, ...change.change });
  }
  return [...known.values()].sort((one, other) => other.id - one.id);
}

function notesOf(id: number, changes: readonly Change[]): TimelineEntry[] {
  return changes
    .flatMap((change) => (change.kind === "note" && change.id === id ? [change.entry] : []))
    .map((entry) => ({ ...entry, text: shorten(entry.text) }))
    .slice(0, LONGEST_TIMELINE);
}

function timelineOf(row: Row): TimelineEntry {
  const kind = row["kind"] as TimelineEntry["kind"];
  return { atMs: Number(row["at"]), kind, text: String(row["text"]) };
}

function incidentOf(row: Row): Incident {
  const text = (key: string): string | undefined => {
    const value = row[key];
    return typeof value === "string" ? value : undefined;
  };
  const time = (key: string): number | undefined => {
    const value = row[key];
    return typeof value === "number" ? value : undefined;
  };
  return {
    id: Number(row["id"]),
    title: String(row["title"]),
    handling: row["handling"] as Incident["handling"],
    drill: text("drill"),
    plan: text("plan"),
    object: String(row["object"]),
    state: row["state"] as IncidentState,
    faultAtMs: Number(row["fault_at"]),
    detectedAtMs: Number(row["detected_at"]),
    actionAtMs: time("action_at"),
    mitigatedAtMs: time("mitigated_at"),
    resolvedAtMs: time("resolved_at"),
    acknowledgedBy: text("acknowledged_by"),
  };
}
