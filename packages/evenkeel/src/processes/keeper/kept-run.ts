/** What the keeper holds of one run, from its start until its exit was taken note of. */
import type { ChildProcess } from "node:child_process";
import type { ChildExit, LivingChild, ProcessIdentity } from "../contract.ts";
import type { DeathWatch } from "./death-watch.ts";
import { exists, isAlive, readStat } from "./identity.ts";
import type { JournalEntry } from "./journal.ts";
import type { ReadyWatch } from "./ready-watch.ts";

export interface KeptRun {
  entry: JournalEntry & { readonly identity: ProcessIdentity };
  /** Undefined for an adopted one. */
  readonly child: ChildProcess | undefined;
  /** Undefined for one of our own: the system tells of its end. */
  readonly death: DeathWatch | undefined;
  ready: ReadyWatch | undefined;
  exit: ChildExit | undefined;
  /** Others of its process group may live on after its end. */
  groupLives: boolean;
  /** Its exit was taken note of. It stays while its group lives, to be reached by a last signal. */
  forgotten: boolean;
}

/** For control. */
export function toLiving({ entry, child }: KeptRun): LivingChild {
  const { order, identity, startedAtMs, ready } = entry;
  return { order, identity, startedAtMs, adopted: child === undefined, ready };
}

/** Sends a signal to the run's process, or to its whole group: also after the leader's end, while
 * others of the group live, for a group's number is not given away before. Never to a process that
 * only has the same number. Answers why it could not be sent; undefined where it was, or where nobody
 * is left. */
export function sendSignal(
  kept: KeptRun,
  signal: NodeJS.Signals,
  group: boolean,
): string | undefined {
  const { pid } = kept.entry.identity;
  if (!isReachable(kept, group)) return undefined;
  try {
    process.kill(group ? -pid : pid, signal);
    return undefined;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ESRCH") return undefined;
    return code === "EPERM" ? "no permission: it runs as another user" : message;
  }
}

function isReachable({ entry, child, exit, groupLives }: KeptRun, group: boolean): boolean {
  const { identity } = entry;
  if (!exit) return child !== undefined || isAlive(identity); // Our own keeps its number until reaped.
  if (!group || !groupLives || !exists(-identity.pid)) return false;
  const holder = readStat(identity.pid);
  return holder === undefined || holder.startTicks === identity.startTicks;
}
