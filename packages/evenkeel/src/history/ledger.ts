/** The ledger of reversible operations. */
import { type Change, shorten } from "./changes.ts";
import type { Ledger, LedgerEntry } from "./contract.ts";
import type { Row } from "./database.ts";
import type { Store } from "./store.ts";
import type { WaitingChanges } from "./waiting-changes.ts";

/** Over an open store; what waits is laid over what the file says. */
export function createLedger(store: Store, waiting: WaitingChanges, nowMs: () => number): Ledger {
  const read = (sql: string, ...values: readonly (string | number)[]): LedgerEntry[] =>
    store
      .read((database) => database.all(sql, ...values))
      .map((row) => laidOver(entryOf(row), waiting.list()));
  return {
    intend(entry) {
      waiting.retry();
      const atMs = Math.round(nowMs());
      const { kind, owner, incident, run, object, intent, undo, deadlineMs } = entry;
      const sql = `INSERT INTO ledger
        (kind, owner, incident, run, object, intent, undo, state, outcome, created_at, changed_at, deadline)
        VALUES (?, ?, ?, ?, ?, ?, ?, 'intended', '', ?, ?, ?)`;
      const who = [kind, owner, incident ?? null, run, object] as const;
      const what = [JSON.stringify(intent ?? null), JSON.stringify(undo ?? null)] as const;
      const times = [atMs, atMs, Math.round(deadlineMs)] as const;
      return store.write((database) => database.run(sql, ...who, ...what, ...times));
    },
    advance(id, state, outcome) {
      const atMs = Math.round(nowMs());
      waiting.write({ kind: "advance", id, state, outcome, atMs });
    },
    unfinished: () =>
      read("SELECT * FROM ledger WHERE state IN ('intended', 'running') ORDER BY id").filter(
        ({ state }) => state === "intended" || state === "running",
      ),
    ofRun: (run) => read("SELECT * FROM ledger WHERE run = ? ORDER BY id", run),
    runsSince(owner, sinceMs) {
      const since = Math.round(sinceMs);
      const sql = `SELECT run, object, min(created_at) AS at FROM ledger AS entry
        WHERE owner = ? AND created_at >= ? AND NOT EXISTS
          (SELECT 1 FROM ledger WHERE run = entry.run AND created_at < ?)
        GROUP BY run ORDER BY at`;
      return store
        .read((database) => database.all(sql, owner, since, since))
        .map((row) => ({
          run: String(row["run"]),
          object: String(row["object"]),
          atMs: Number(row["at"]),
        }));
    },
    list: (limit) => read("SELECT * FROM ledger ORDER BY id DESC LIMIT ?", limit),
  };
}

function laidOver(entry: LedgerEntry, changes: readonly Change[]): LedgerEntry {
  return changes.reduce<LedgerEntry>((now, change) => {
    if (change.kind !== "advance" || change.id !== now.id) return now;
    const outcome = change.outcome === undefined ? now.outcome : shorten(change.outcome);
    return { ...now, state: change.state, outcome, changedAtMs: change.atMs };
  }, entry);
}

function entryOf(row: Row): LedgerEntry {
  const incident = row["incident"];
  return {
    id: Number(row["id"]),
    kind: String(row["kind"]),
    owner: String(row["owner"]),
    incident: incident === null ? undefined : Number(incident),
    run: String(row["run"]),
    object: String(row["object"]),
    intent: JSON.parse(String(row["intent"])) as unknown,
    undo: JSON.parse(String(row["undo"])) as unknown,
    state: row["state"] as LedgerEntry["state"],
    outcome: String(row["outcome"]),
    createdAtMs: Number(row["created_at"]),
    changedAtMs: Number(row["changed_at"]),
    deadlineMs: Number(row["deadline"]),
  };
}
