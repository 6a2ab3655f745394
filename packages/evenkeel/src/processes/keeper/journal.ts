/**
 * One small file per run: written before the start, completed after it, removed when its exit was
 * taken note of. So an Evenkeel killed at any instant leaves a way to its children.
 *
 * Files are replaced by a rename and not synced: what the page cache holds outlives Evenkeel, and what
 * a power cut takes from the disk, it takes from the children too.
 */
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  type Dirent,
} from "node:fs";
import { join } from "node:path";
import type { LaunchOrder, ProcessIdentity } from "../contract.ts";
import { parseEntry } from "./journal-entry.ts";

/** What is known of one run. */
export interface JournalEntry {
  /** Its `env` is not kept: it may hold secrets, and nobody starts by an old order. */
  readonly order: LaunchOrder;
  /** Undefined: it was about to be started. */
  readonly identity: ProcessIdentity | undefined;
  readonly startedAtMs: number;
  readonly ready: boolean;
}

export interface JournalReading {
  readonly entries: readonly JournalEntry[];
  /** Files that could not be read, set aside in the folder `broken`. */
  readonly broken: readonly { readonly run: string; readonly problem: string }[];
}

export interface Journal {
  /** Everything in it; nothing where the folder was never made. */
  read(): JournalReading;
  /** Throws what the disk has to say. */
  write(entry: JournalEntry): void;
  /** The entry and the ready file; nothing happens where they are gone. */
  remove(run: string): void;
  /** Where the child of this run says that it is ready. */
  readyPath(run: string): string;
}

const SUFFIX = ".json";
/** With what `encodeURIComponent` makes of it, still a file name. */
const RUN_MAX = 80;

/** Whether a run's name makes a file name. */
export function isRunName(run: string): boolean {
  return run.length > 0 && run.length <= RUN_MAX && /^[\w.:-]+$/.test(run);
}

/** The journal in this folder, which is made with the first entry. Readable by its owner only. */
export function openJournal(folder: string): Journal {
  const pathOf = (run: string): string => join(folder, encodeURIComponent(run) + SUFFIX);
  const readyPath = (run: string): string => join(folder, `${encodeURIComponent(run)}.ready`);

  return {
    readyPath,
    read() {
      const entries: JournalEntry[] = [];
      const broken: { run: string; problem: string }[] = [];
      for (const name of filesOf(folder)) {
        if (!name.endsWith(SUFFIX)) continue;
        const run = decoded(name.slice(0, -SUFFIX.length));
        const read = readEntry(join(folder, name), run);
        if (typeof read === "object") entries.push(read);
        else broken.push({ run, problem: setAside(folder, name, read) });
      }
      return { entries, broken };
    },
    write(entry) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const path = pathOf(entry.order.run);
      const kept = { version: 1, ...entry, order: { ...entry.order, env: {} } };
      writeFileSync(`${path}.next`, `${JSON.stringify(kept)}\n`, { mode: 0o600 });
      renameSync(`${path}.next`, path);
    },
    remove(run) {
      for (const path of [pathOf(run), `${pathOf(run)}.next`, readyPath(run)]) {
        rmSync(path, { force: true });
      }
    },
  };
}

function filesOf(folder: string): string[] {
  let all: Dirent[];
  try {
    all = readdirSync(folder, { withFileTypes: true });
  } catch {
    return []; // Never made.
  }
  return all.flatMap((one) => (one.isFile() ? [one.name] : []));
}

/** The entry, or what is wrong with it. */
function readEntry(path: string, run: string): JournalEntry | string {
  try {
    const entry = parseEntry(JSON.parse(readFileSync(path, "utf8")));
    if (!entry) return "it is not an entry";
    return entry.order.run === run ? entry : `it is about ${entry.order.run}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Out of the way, for people to look at. Left where it is when even that fails. */
function setAside(folder: string, name: string, problem: string): string {
  const aside = join(folder, "broken");
  try {
    mkdirSync(aside, { recursive: true, mode: 0o700 });
    renameSync(join(folder, name), join(aside, name));
    return problem;
  } catch (error) {
    return `${problem}; and it can't be moved to ${aside}: ${String(error)}`;
  }
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name; // Not a name of ours.
  }
}
