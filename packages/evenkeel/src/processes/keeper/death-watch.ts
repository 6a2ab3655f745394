/** Sees a process that is not ours to wait for: whether it still lives. */
import { closeSync, openSync, readSync } from "node:fs";
import type { ProcessIdentity } from "../contract.ts";
import { isAlive } from "./identity.ts";

export interface DeathWatch {
  /** Costs about 1.5 us while it lives. False for ever once it is dead, reaped or not. */
  alive(): boolean;
  close(): void;
}

const buffer = Buffer.allocUnsafe(128);
const ZERO = 0x30;
const SPACE = 0x20;

/** Watches this very process. An open /proc/PID/statm stays with its process: the number in new hands
 * is no matter, reading fails once it was reaped, and says no memory at all once it is dead. Where it
 * can't be opened (no /proc, no descriptors left) each look asks by the number. */
export function watchDeath(identity: ProcessIdentity): DeathWatch {
  let file = openStatm(identity.pid);
  // After the opening: so it is this one's file, or nobody's.
  let lives = isAlive(identity);

  const look = (): boolean => {
    if (file === undefined) return isAlive(identity);
    try {
      readSync(file, buffer, 0, buffer.length, 0);
    } catch {
      return false; // ESRCH: reaped.
    }
    // No memory is a corpse, or a first thread that ended before the others.
    return buffer[0] !== ZERO || buffer[1] !== SPACE || isAlive(identity);
  };

  return {
    alive() {
      lives &&= look();
      return lives;
    },
    close() {
      lives = false;
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}

function openStatm(pid: number): number | undefined {
  try {
    return openSync(`/proc/${pid}/statm`, "r");
  } catch {
    return undefined;
  }
}
