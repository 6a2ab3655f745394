/** One SQLite file: opened, checked, brought up to date; or set aside where it is broken. */
import { closeSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { migrations } from "./migrations.ts";

/** A row as SQLite gives it. */
export type Row = Readonly<Record<string, unknown>>;

/** Statements are prepared once. Everything throws SQLite's own errors. */
export interface Database {
  /** The id of the inserted row, where one was. */
  run(sql: string, ...values: readonly SQLInputValue[]): number;
  all(sql: string, ...values: readonly SQLInputValue[]): readonly Row[];
  /** All of it or nothing. */
  together(work: () => void): void;
  /** Whether the path still leads to the file that is open. */
  isThere(): boolean;
  close(): void;
}

/** The name for a file that lives in memory alone. */
export const IN_MEMORY = ":memory:";

const BUSY_MS = 2000;
const KEPT_ASIDE = 3;

const settings = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA foreign_keys = ON;
  PRAGMA journal_size_limit = 4194304;
`;

export interface Opened {
  readonly database: Database;
  /** Where a broken file was put; undefined where it was sound or new. */
  readonly setAside: string | undefined;
}

/** Opens or begins the file. A broken one is renamed, and the three last such are kept. Throws where
 * the folder or the file can't be used at all. */
export function openDatabase(file: string, nowMs: number): Opened {
  if (file !== IN_MEMORY) mkdirSync(dirname(file), { recursive: true, mode: 0o750 });
  try {
    return { database: open(file), setAside: undefined };
  } catch (error) {
    if (file === IN_MEMORY || !isBroken(error)) throw error;
    const setAside = putAside(file, nowMs);
    return { database: open(file), setAside };
  }
}

/** Whether an error says that the file itself is damaged or no database. */
export function isBroken(error: unknown): boolean {
  const CORRUPT = 11;
  const NOT_A_DATABASE = 26;
  return error instanceof BrokenFile || [CORRUPT, NOT_A_DATABASE].includes(codeOf(error));
}

/** SQLite's primary result code; 0 where it is another error. */
export function codeOf(error: unknown): number {
  const code = (error as { errcode?: unknown } | undefined)?.errcode;
  return typeof code === "number" ? code & 0xff : 0;
}

/** Damaged, by the file's own check. */
class BrokenFile extends Error {}

function open(file: string): Database {
  // What plans pass on may hold secrets. SQLite gives its journal the same permissions.
  if (file !== IN_MEMORY) closeSync(openSync(file, "a", 0o600));
  const handle = new DatabaseSync(file, { timeout: BUSY_MS });
  try {
    handle.exec(settings);
    const [verdict] = Object.values(handle.prepare("PRAGMA quick_check(1)").get() ?? {});
    if (verdict !== "ok") throw new BrokenFile(String(verdict));
    migrate(handle);
    return wrap(handle, file);
  } catch (error) {
    handle.close();
    throw error;
  }
}

function migrate(handle: DatabaseSync): void {
  const row = handle.prepare("PRAGMA user_version").get();
  const version = Number(row?.["user_version"]);
  if (version > migrations.length) {
    throw new Error(
      `it was written by a newer Evenkeel (version ${version} of its form, this one knows ${migrations.length})`,
    );
  }
  for (const [index, sql] of migrations.entries()) {
    if (index < version) continue;
    handle.exec(`BEGIN IMMEDIATE; ${sql}; PRAGMA user_version = ${index + 1}; COMMIT;`);
  }
}

function wrap(handle: DatabaseSync, file: string): Database {
  const prepared = new Map<string, StatementSync>();
  const inode = file === IN_MEMORY ? undefined : statSync(file).ino;
  const statement = (sql: string): StatementSync => {
    let found = prepared.get(sql);
    if (!found) prepared.set(sql, (found = handle.prepare(sql)));
    return found;
  };
  return {
    run: (sql, ...values) => Number(statement(sql).run(...values).lastInsertRowid),
    all: (sql, ...values) => statement(sql).all(...values),
    together(work) {
      handle.exec("BEGIN IMMEDIATE");
      try {
        work();
        handle.exec("COMMIT");
      } catch (error) {
        // A full disk ends the transaction by itself.
        if (handle.isTransaction) handle.exec("ROLLBACK");
        throw error;
      }
    },
    isThere: () => inode === undefined || isStillAt(file, inode),
    close: () => handle.close(),
  };
}

/** Where nobody can tell (a folder that may not be read any more) what is open still works. */
function isStillAt(file: string, inode: number): boolean {
  try {
    return statSync(file, { throwIfNoEntry: false })?.ino === inode;
  } catch {
    return true;
  }
}

/** With its journal, which would be taken for the new file's. */
function putAside(file: string, nowMs: number): string {
  const aside = `${file}.broken-${new Date(nowMs).toISOString().replaceAll(":", "-")}`;
  renameSync(file, aside);
  for (const suffix of ["-wal", "-shm"]) {
    if (statSync(file + suffix, { throwIfNoEntry: false }))
      renameSync(file + suffix, aside + suffix);
  }
  const folder = dirname(file);
  const before = `${basename(file)}.broken-`;
  const names = readdirSync(folder).filter((name) => name.startsWith(before));
  const stamps = [...new Set(names.map((name) => name.replace(/-(wal|shm)$/, "")))].sort();
  for (const old of stamps.slice(0, -KEPT_ASIDE)) {
    for (const suffix of ["", "-wal", "-shm"]) rmSync(join(folder, old + suffix), { force: true });
  }
  return aside;
}
