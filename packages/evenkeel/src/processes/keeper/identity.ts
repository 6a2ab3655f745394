/**
 * Who a process is: its number and when the kernel started it. Read from /proc; where there is none
 * (macOS) the number alone has to do, and nothing is found again after a crash of Evenkeel.
 */
import { readFileSync } from "node:fs";
import type { ProcessIdentity } from "../contract.ts";

/** Positions in /proc/PID/stat after the name, which is in parentheses and may hold anything. */
const STATE = 0;
const GROUP = 2;
const SESSION = 3;
const THREADS = 17;
const START_TICKS = 19;

/** The facts of /proc/PID/stat that supervision needs. */
export interface ProcessStat {
  /** One letter; Z and X are dead, whatever else is left of them. */
  readonly state: string;
  readonly group: number;
  readonly session: number;
  readonly threads: number;
  /** Clock ticks since boot. */
  readonly startTicks: number;
}

/** Undefined for what is not such a line. */
export function parseStat(text: string): ProcessStat | undefined {
  const end = text.lastIndexOf(")");
  if (end < 0) return undefined;
  const fields = text.slice(end + 2).split(" ", START_TICKS + 1);
  const startTicks = Number(fields[START_TICKS]);
  const state = fields[STATE];
  if (state === undefined || !Number.isSafeInteger(startTicks)) return undefined;
  return {
    state,
    group: Number(fields[GROUP]),
    session: Number(fields[SESSION]),
    threads: Number(fields[THREADS]),
    startTicks,
  };
}

/** Undefined where no process has this number, or there is no /proc. */
export function readStat(pid: number): ProcessStat | undefined {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return undefined; // Gone, or never there.
  }
}

/** Dead but not buried: its parent has not asked for its exit yet. A first thread that ended before
 * the others looks the same but for their number. */
export function isDead(stat: ProcessStat): boolean {
  return stat.state === "X" || (stat.state === "Z" && stat.threads <= 1);
}

/** Of the process that has this number now, a dead one that nobody reaped included; undefined where
 * there is none. */
export function readIdentity(pid: number): ProcessIdentity | undefined {
  const bootId = readBootId();
  if (bootId === "") return exists(pid) ? { pid, startTicks: 0, bootId } : undefined;
  const stat = readStat(pid);
  return stat && { pid, startTicks: stat.startTicks, bootId };
}

/** This very process runs: not another with its number, and not its corpse. */
export function isAlive({ pid, startTicks, bootId }: ProcessIdentity): boolean {
  if (bootId !== readBootId()) return false;
  if (bootId === "") return exists(pid);
  const stat = readStat(pid);
  return stat !== undefined && stat.startTicks === startTicks && !isDead(stat);
}

/** Undefined for anything but an identity as it was written. */
export function parseIdentity(value: unknown): ProcessIdentity | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { pid, startTicks, bootId } = value as Partial<Record<keyof ProcessIdentity, unknown>>;
  if (!Number.isSafeInteger(pid) || !Number.isSafeInteger(startTicks)) return undefined;
  if (typeof bootId !== "string" || (pid as number) <= 0) return undefined;
  return { pid: pid as number, startTicks: startTicks as number, bootId };
}

/** Differs after every start of the machine; empty where there is no /proc. */
export function readBootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
  } catch {
    return "";
  }
}

/** Something has this number, a process or (negative) a process group. Not allowed to signal it means
 * that it is there. */
export function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
