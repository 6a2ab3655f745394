/** What an Evenkeel before left behind: its children, living or dead. */
import { setTimeout as pause } from "node:timers/promises";
import type { ProcessIdentity } from "../contract.ts";
import { findRuns, type FoundRun } from "./find-runs.ts";
import { isAlive } from "./identity.ts";
import type { Journal, JournalEntry } from "./journal.ts";

export interface RecalledRun {
  readonly entry: JournalEntry & { readonly identity: ProcessIdentity };
  readonly lives: boolean;
  /** Where it is dead: others of its process group live. */
  readonly groupLives: boolean;
}

export interface Recalled {
  readonly runs: readonly RecalledRun[];
  /** Starts that never came to a process, as far as anybody can see. */
  readonly never: readonly string[];
  readonly broken: readonly {
    readonly run: string;
    readonly problem: string;
    /** Its process lives, and nobody knows how it was started. */
    readonly pid: number | undefined;
  }[];
}

/** A child between fork and exec still has Evenkeel's own environment. */
const SECOND_LOOK_MS = 200;

/** Reads the journal and asks the system about each run. Takes longer only where a start was cut off. */
export async function recall(journal: Journal): Promise<Recalled> {
  const { entries, broken } = journal.read();
  const known: RecalledRun[] = [];
  const open: JournalEntry[] = [];
  for (const entry of entries) {
    if (isStarted(entry)) known.push({ entry, lives: isAlive(entry.identity), groupLives: true });
    else open.push(entry);
  }
  const dead = known.filter(({ lives }) => !lives);
  const asked = [...dead.map(({ entry }) => entry), ...open].map(({ order }) => order.run);
  let found = findRuns(new Set([...asked, ...broken.map(({ run }) => run)]));
  if (open.some(({ order }) => !found.get(order.run)?.leader)) {
    await pause(SECOND_LOOK_MS);
    found = new Map([...found, ...findRuns(new Set(open.map(({ order }) => order.run)))]);
  }
  return {
    runs: [
      ...known.map((run) => (run.lives ? run : withGroup(run, found))),
      ...open.flatMap((entry) => completed(entry, found)),
    ],
    never: open.flatMap(({ order: { run } }) => (found.get(run)?.leader ? [] : [run])),
    broken: broken.map((one) => ({ ...one, pid: found.get(one.run)?.leader?.pid })),
  };
}

function isStarted(entry: JournalEntry): entry is RecalledRun["entry"] {
  return entry.identity !== undefined;
}

function withGroup(run: RecalledRun, found: ReadonlyMap<string, FoundRun>): RecalledRun {
  const { order, identity } = run.entry;
  return { ...run, groupLives: found.get(order.run)?.groups.has(identity.pid) ?? false };
}

function completed(entry: JournalEntry, found: ReadonlyMap<string, FoundRun>): RecalledRun[] {
  const identity = found.get(entry.order.run)?.leader;
  return identity ? [{ entry: { ...entry, identity }, lives: true, groupLives: true }] : [];
}
