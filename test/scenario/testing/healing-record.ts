/** What Evenkeel wrote down of its healing, read from beside it. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** One operation of the ledger. */
export interface LedgerRow {
  readonly id: number;
  readonly kind: string;
  readonly owner: string;
  readonly incident: number | null;
  readonly run: string;
  readonly object: string;
  readonly intent: unknown;
  readonly state: string;
  readonly outcome: string;
  readonly createdAtMs: number;
  readonly changedAtMs: number;
}

/** One incident. Times of the wall clock. */
export interface IncidentRow {
  readonly id: number;
  readonly title: string;
  readonly handling: string;
  readonly plan: string | null;
  readonly drill: string | null;
  readonly object: string;
  readonly state: string;
  readonly faultAtMs: number;
  readonly detectedAtMs: number;
  readonly mitigatedAtMs: number | null;
}

/** All operations, oldest first. */
export function ledgerOf(stateDir: string): readonly LedgerRow[] {
  return rowsOf(stateDir, "SELECT * FROM ledger ORDER BY id").map((row) => ({
    id: Number(row["id"]),
    kind: String(row["kind"]),
    owner: String(row["owner"]),
    incident: row["incident"] === null ? null : Number(row["incident"]),
    run: String(row["run"]),
    object: String(row["object"]),
    intent: JSON.parse(String(row["intent"])) as unknown,
    state: String(row["state"]),
    outcome: String(row["outcome"]),
    createdAtMs: Number(row["created_at"]),
    changedAtMs: Number(row["changed_at"]),
  }));
}

/** All incidents, oldest first. */
export function incidentsOf(stateDir: string): readonly IncidentRow[] {
  return rowsOf(stateDir, "SELECT * FROM incidents ORDER BY id").map((row) => ({
    id: Number(row["id"]),
    title: String(row["title"]),
    handling: String(row["handling"]),
    plan: textOf(row["plan"]),
    drill: textOf(row["drill"]),
    object: String(row["object"]),
    state: String(row["state"]),
    faultAtMs: Number(row["fault_at"]),
    detectedAtMs: Number(row["detected_at"]),
    mitigatedAtMs: row["mitigated_at"] === null ? null : Number(row["mitigated_at"]),
  }));
}

/** What an incident's timeline says, one line per entry. */
export function timelineOf(stateDir: string, incident: number): readonly string[] {
  const sql = `SELECT kind, text FROM timeline WHERE incident = ${incident} ORDER BY id`;
  return rowsOf(stateDir, sql).map((row) => `${String(row["kind"])}: ${String(row["text"])}`);
}

/** Operations that are neither done nor given up nor taken back. */
export function unfinishedOf(stateDir: string): readonly LedgerRow[] {
  return ledgerOf(stateDir).filter(({ state }) => state === "intended" || state === "running");
}

/** The most objects that steps of plans restarted at the same time. */
export function mostAtOnce(ledger: readonly LedgerRow[]): number {
  const restarts = ledger.filter(
    ({ kind, intent }) => kind === "plan.step" && actionOf(intent) === "restart_service",
  );
  const overlapping = restarts.map(
    (one) =>
      new Set(
        restarts
          .filter(
            (other) => other.createdAtMs <= one.createdAtMs && other.changedAtMs > one.createdAtMs,
          )
          .map(({ object }) => object),
      ).size,
  );
  return Math.max(0, ...overlapping);
}

/** The word of a step's action; empty for what is no step. */
export function actionOf(intent: unknown): string {
  const { action } = (intent ?? {}) as { action?: { action?: string } };
  return action?.action ?? "";
}

function rowsOf(stateDir: string, sql: string): readonly Readonly<Record<string, unknown>>[] {
  const database = new DatabaseSync(join(stateDir, "history.db"), { readOnly: true });
  try {
    return database.prepare(sql).all();
  } finally {
    database.close();
  }
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
