/** The history: ledger, incidents and memory in one file. */
import { writeChange } from "./changes.ts";
import { HistoryUnavailable, type History } from "./contract.ts";
import { createIncidents } from "./incidents.ts";
import { createLedger } from "./ledger.ts";
import { createMemory, everything } from "./memory.ts";
import { createStore, type HistoryLog, type Store } from "./store.ts";
import { createWaitingChanges } from "./waiting-changes.ts";

export interface HistoryOptions {
  /** Absolute; its folder is made where it is missing. `:memory:` keeps nothing, for tests. */
  readonly file: string;
  /** Asked at each pruning, so that a changed configuration counts. */
  readonly settings: () => {
    /** How long what is closed and finished is kept. */
    readonly keepMs: number;
    /** Closed incidents kept at most. */
    readonly keepIncidents: number;
  };
  readonly clock: { nowMs(): number };
  readonly log: HistoryLog;
}

/** The name of the file within the folder for what must outlive the program. */
export const HISTORY_FILE = "history.db";

/** Finished operations kept at most for each incident that may be. */
const OPERATIONS_PER_INCIDENT = 10;

/** Opens or begins the file. A damaged one is set aside and a new one begun; where none can be had,
 * the history says so in `problem` and tries again. Never throws. */
export function openHistory({ file, settings, clock, log }: HistoryOptions): History {
  const nowMs = (): number => clock.nowMs();
  const store = createStore({ file, nowMs, log });
  const waiting = createWaitingChanges(store, log);
  return {
    ledger: createLedger(store, waiting, nowMs),
    incidents: createIncidents(store, waiting),
    memory: createMemory(store, waiting),
    remembered: () => everything(store, waiting),
    problem() {
      waiting.retry();
      if (store.problem() !== undefined) tryToWrite(store, nowMs());
      const left = waiting.list().length;
      const problem = store.problem();
      return problem !== undefined && left > 0 ? `${problem} (${left} changes wait)` : problem;
    },
    prune(nowMs) {
      waiting.retry();
      const { keepMs, keepIncidents } = settings();
      const before = Math.round(nowMs - keepMs);
      try {
        store.write((database) => {
          for (const [sql, ...values] of prunings(before, keepIncidents)) {
            database.run(sql, ...values);
          }
        });
      } catch (error) {
        if (!(error instanceof HistoryUnavailable)) throw error; // `problem` tells of it.
      }
    },
    close() {
      waiting.retry();
      store.close();
    },
  };
}

/** Only a write shows whether the file can be written. */
function tryToWrite(store: Store, nowMs: number): void {
  const change = {
    kind: "remember",
    space: "history",
    key: "tried",
    value: String(nowMs),
  } as const;
  try {
    store.write((database) => writeChange(database, change));
  } catch (error) {
    if (!(error instanceof HistoryUnavailable)) throw error; // The problem stays.
  }
}

/** Timelines go with their incidents. */
function prunings(
  beforeMs: number,
  keepIncidents: number,
): readonly (readonly [sql: string, ...values: readonly number[]])[] {
  const closed = "state = 'resolved'";
  const finished = "state NOT IN ('intended', 'running')";
  const newest = (table: string, what: string): string =>
    `DELETE FROM ${table} WHERE ${what} AND id NOT IN
      (SELECT id FROM ${table} WHERE ${what} ORDER BY id DESC LIMIT ?)`;
  return [
    [`DELETE FROM incidents WHERE ${closed} AND resolved_at < ?`, beforeMs],
    [newest("incidents", closed), keepIncidents],
    [`DELETE FROM ledger WHERE ${finished} AND changed_at < ?`, beforeMs],
    [newest("ledger", finished), keepIncidents * OPERATIONS_PER_INCIDENT],
  ];
}
