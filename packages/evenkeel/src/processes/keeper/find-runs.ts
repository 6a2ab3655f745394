/** Finds what lives of a run by the name in its environment: for starts that were cut off before the
 * child's number was written down, and for what a dead child left behind. */
import { readdirSync, readFileSync } from "node:fs";
import type { ProcessIdentity } from "../contract.ts";
import { isDead, readBootId, readStat } from "./identity.ts";

const NAME = "EVENKEEL_INSTANCE_RUN=";

export interface FoundRun {
  /** The child itself leads its own session. Of several that inherited the environment and lead one,
   * the oldest; undefined where none does. */
  readonly leader: ProcessIdentity | undefined;
  /** Process groups with a living member that has the environment. */
  readonly groups: ReadonlySet<number>;
}

/** What lives of each of these runs; nothing is said of the others. Reads the environment of every
 * process there is: milliseconds, not for every day. */
export function findRuns(runs: ReadonlySet<string>): ReadonlyMap<string, FoundRun> {
  const found = new Map<string, FoundRun>();
  if (runs.size === 0) return found;
  const bootId = readBootId();
  for (const pid of processNumbers()) {
    const run = runOf(pid);
    if (run === undefined || !runs.has(run)) continue;
    const stat = readStat(pid);
    if (!stat || isDead(stat)) continue;
    const known = found.get(run);
    const { startTicks, session, group } = stat;
    const leads = session === pid && startTicks < (known?.leader?.startTicks ?? Infinity);
    found.set(run, {
      leader: leads ? { pid, startTicks, bootId } : known?.leader,
      groups: new Set(known?.groups).add(group),
    });
  }
  return found;
}

function processNumbers(): number[] {
  try {
    return readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
  } catch {
    return []; // No /proc on this system.
  }
}

function runOf(pid: number): string | undefined {
  let environ: string;
  try {
    environ = readFileSync(`/proc/${pid}/environ`, "utf8");
  } catch {
    return undefined; // Gone, or somebody else's.
  }
  const entry = environ.split("\0").find((one) => one.startsWith(NAME));
  return entry?.slice(NAME.length);
}
