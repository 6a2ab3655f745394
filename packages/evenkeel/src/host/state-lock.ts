/**
 * One Evenkeel per state folder: files that name its holder.
 *
 * Each holder's file has a number one above the last, and the highest counts. So taking over from a
 * dead holder is the making of a file that must not exist yet, which of many only one can do; nobody
 * ever has to remove what somebody else might just have taken.
 */
import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isAlive, parseIdentity, readIdentity } from "../processes/keeper/identity.ts";
import { explainError } from "../processes/explain-error.ts";
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
const FREE = "free\n";
/** Tries against others that come and go in the same moment. */
const TRIES = 20;

/** Takes the lock on a state folder, making the folder where it is missing. The lock of an Evenkeel
 * that died is taken over: its holder is known by pid and start time, so that a number in new hands
 * does not count. Answers in plain words who holds it otherwise, or why it can't be had. */
export function lockState(stateDir: string): LockOutcome {
  const own = readIdentity(process.pid);
  try {
    makeFolder(stateDir);
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const last = lastOf(stateDir);
      const holder = holderOf(join(stateDir, nameOf(last)));
      if (holder && isAlive(holder)) return { ok: false, problem: heldBy(stateDir, holder.pid) };
      const taken = append(stateDir, last + 1, `${JSON.stringify(own)}\n`);
      if (taken) return { ok: true, lock: { release: () => release(stateDir, last + 1) } };
    }
    return {
      ok: false,
      problem: `the state folder ${stateDir} is fought for by several Evenkeels`,
    };
  } catch (error) {
    const problem = `the state folder ${stateDir} can't be used: ${explainError(error)}`;
    return { ok: false, problem };
  }
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return;
    // Only then: where it may not be made, making all of its path fails as if something were missing.
    if (code !== "ENOENT") throw error;
    mkdirSync(path, { recursive: true, mode: 0o700 });
  }
}

const nameOf = (number: number): string => `${NAME}.${number}`;

/** Numbers of all locks there are. */
function numbersIn(stateDir: string): number[] {
  return readdirSync(stateDir).flatMap((name) => {
    const number = name.startsWith(`${NAME}.`) ? Number(name.slice(NAME.length + 1)) : Number.NaN;
    return Number.isSafeInteger(number) && number > 0 ? [number] : [];
  });
}

/** 0 where there is none. */
function lastOf(stateDir: string): number {
  return Math.max(0, ...numbersIn(stateDir));
}

/** Makes this one the last, with its content whole. False where somebody else was faster. Those
 * before it are removed, but never the last: who still believes in an older one finds out. */
function append(stateDir: string, number: number, content: string): boolean {
  const path = join(stateDir, nameOf(number));
  const staged = join(stateDir, `.${NAME}.${process.pid}`);
  try {
    writeFileSync(staged, content, { mode: 0o600 });
    // A link is made or not: of many who try, one has it.
    linkSync(staged, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    discard(staged);
  }
  if (lastOf(stateDir) > number) {
    discard(path); // It was there before, and gone since.
    return false;
  }
  for (const old of numbersIn(stateDir)) if (old < number) discard(join(stateDir, nameOf(old)));
  return true;
}

function holderOf(path: string): ProcessIdentity | undefined {
  try {
    return parseIdentity(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    return undefined; // Gone, given free, or not a lock of ours: nobody can be asked.
  }
}

function release(stateDir: string, number: number): void {
  try {
    if (lastOf(stateDir) === number) append(stateDir, number + 1, FREE);
  } catch {
    // A folder that can't be written: the lock ends with its holder.
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
