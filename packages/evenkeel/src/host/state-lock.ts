/** One Evenkeel per state folder: a file that names its holder. */
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isAlive, parseIdentity, readIdentity } from "../processes/keeper/identity.ts";
import type { ProcessIdentity } from "../processes/contract.ts";

/** A state folder that is ours. */
export interface StateLock {
  /** Gives it free. A lock that somebody else holds meanwhile is left alone. */
  release(): void;
}

export type LockOutcome =
  | { readonly ok: true; readonly lock: StateLock }
  | { readonly ok: false; readonly problem: string };

const NAME = "evenkeel.lock";
/** Tries against others that come and go in the same moment. */
const TRIES = 5;

/** Takes the lock on a state folder, making the folder where it is missing. The lock of an Evenkeel
 * that died is taken over: its holder is known by pid and start time, so that a number in new hands
 * does not count. Answers in plain words who holds it otherwise, or why it can't be had. */
export function lockState(stateDir: string): LockOutcome {
  const path = join(stateDir, NAME);
  const own = readIdentity(process.pid);
  const mine = `${path}.${process.pid}`;
  try {
    mkdirSync(stateDir, { recursive: true, mode: 0o700 });
    writeFileSync(mine, `${JSON.stringify(own)}\n`, { mode: 0o600 });
    for (let attempt = 0; attempt < TRIES; attempt++) {
      if (linked(mine, path)) return { ok: true, lock: { release: () => release(path, own) } };
      const holder = holderOf(path);
      if (holder && isAlive(holder)) return { ok: false, problem: heldBy(stateDir, holder.pid) };
      setAside(path, `${mine}.stale`);
    }
    return {
      ok: false,
      problem: `the state folder ${stateDir} is fought for by several Evenkeels`,
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ok: false, problem: `the state folder ${stateDir} can't be used: ${reason}` };
  } finally {
    discard(mine);
  }
}

/** A link is made or not: of many who try, one has it, with its content whole. */
function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function holderOf(path: string): ProcessIdentity | undefined {
  try {
    return parseIdentity(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    return undefined; // Gone, or not a lock of ours: nobody can be asked.
  }
}

/** Moves a dead holder's lock away. Where a living one took it since, it is given back. */
function setAside(path: string, aside: string): void {
  try {
    renameSync(path, aside);
  } catch {
    return; // Somebody was faster.
  }
  const moved = holderOf(aside);
  if (moved && isAlive(moved)) linked(aside, path);
  discard(aside);
}

function release(path: string, own: ProcessIdentity | undefined): void {
  const holder = holderOf(path);
  if (holder && own && holder.pid === own.pid && holder.startTicks === own.startTicks) {
    discard(path);
  }
}

function discard(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // A folder that can't be written: what stays behind there binds nobody.
  }
}

function heldBy(stateDir: string, pid: number): string {
  return (
    `the state folder ${stateDir} is used by another Evenkeel (pid ${pid}): ` +
    "stop that one, or give this one a state_dir of its own"
  );
}
