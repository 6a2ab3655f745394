/** The file behind the history, with its bad days: full, gone, broken, not to be opened. */
import { HistoryUnavailable } from "./contract.ts";
import { codeOf, isBroken, openDatabase, type Database } from "./database.ts";

/** Where history tells what a person should know. */
export interface HistoryLog {
  warn(text: string): void;
  error(text: string): void;
}

export interface StoreOptions {
  readonly file: string;
  readonly nowMs: () => number;
  readonly log: HistoryLog;
}

/** Every failure of the file is a `HistoryUnavailable` whose message says what to do; values that it
 * can't hold are SQLite's own error. */
export interface Store {
  write<T>(work: (database: Database) => T): T;
  read<T>(work: (database: Database) => T): T;
  /** What the last write met; undefined where it went well. */
  problem(): string | undefined;
  close(): void;
}

/** How often a file that can't be opened is tried. */
const OPEN_EVERY_MS = 1000;

/** Opens at once; where that fails, again with each use, at most once a second. */
export function createStore({ file, nowMs, log }: StoreOptions): Store {
  let database: Database | undefined;
  let problem: string | undefined;
  let triedAtMs = -Infinity;
  let closed = false;

  const fail = (error: unknown): HistoryUnavailable => {
    const text = inWords(error, file);
    if (text !== problem) log.error(text);
    problem = text;
    return new HistoryUnavailable(text, { cause: error });
  };

  const opened = (): Database => {
    if (database) return database;
    if (closed) throw new HistoryUnavailable("the history is closed");
    if (Math.abs(nowMs() - triedAtMs) < OPEN_EVERY_MS && problem !== undefined) {
      throw new HistoryUnavailable(problem);
    }
    triedAtMs = nowMs();
    try {
      const fresh = openDatabase(file, nowMs());
      if (fresh.setAside !== undefined) {
        log.error(`${file} is damaged: it was set aside as ${fresh.setAside} and a new one begun`);
      }
      return (database = fresh.database);
    } catch (error) {
      throw fail(error);
    }
  };

  const drop = (): void => {
    try {
      database?.close();
    } catch {
      // A broken file may not close well; nothing more is wanted of it.
    }
    database = undefined;
  };

  const use = <T>(work: (database: Database) => T, proves: boolean): T => {
    if (database && !database.isThere()) {
      log.error(`${file} was removed while in use: what it held is lost, a new one is begun`);
      drop();
    }
    const current = opened();
    try {
      const result = work(current);
      if (proves && problem !== undefined) log.warn(`${file} can be written again`);
      if (proves) problem = undefined;
      return result;
    } catch (error) {
      if (isRefused(error)) throw error;
      if (isBroken(error)) drop();
      throw fail(error);
    }
  };

  try {
    opened();
  } catch (error) {
    if (!(error instanceof HistoryUnavailable)) throw error;
  }
  return {
    write: (work) => use(work, true),
    // A full disk can still be read.
    read: (work) => use(work, false),
    problem: () => problem,
    close() {
      closed = true;
      drop();
    },
  };
}

/** The values are wrong, not the file. */
function isRefused(error: unknown): boolean {
  const CONSTRAINT = 19;
  const MISMATCH = 20;
  return error instanceof TypeError || [CONSTRAINT, MISMATCH].includes(codeOf(error));
}

function inWords(error: unknown, file: string): string {
  const FULL = 13;
  const READ_ONLY = 8;
  const BUSY = 5;
  const CANNOT_OPEN = 14;
  switch (codeOf(error)) {
    case FULL:
      return `${file} can't be written: the disk is full; make room, what is noted meanwhile waits in memory`;
    case READ_ONLY:
      return `${file} can't be written: it is read-only; change its permissions or the mount's`;
    case BUSY:
      return `${file} is in use by another program: let only one Evenkeel use this state_dir`;
    case CANNOT_OPEN:
      return `${file} can't be opened: see that its folder exists and may be written`;
    default:
      return `${file} can't be used: ${error instanceof Error ? error.message : String(error)}`;
  }
}
