/** What a process uses of the machine, from /proc. Of an instance only its first process is looked at:
 * what it has started itself is not counted. */
import { closeSync, openSync, readFileSync, readSync } from "node:fs";

/** Counted from the start of the process. */
export interface Usage {
  /** Of all its threads, user and system. */
  readonly cpuSeconds: number;
  /** Resident, shared pages included. */
  readonly memoryBytes: number;
  /** Clock ticks since boot: another number is another process. */
  readonly startTicks: number;
}

export interface Units {
  readonly ticksPerSecond: number;
  readonly pageBytes: number;
}

/** Positions in /proc/PID/stat after the name. */
const USER_TICKS = 11;
const SYSTEM_TICKS = 12;
const START_TICKS = 19;
const RESIDENT_PAGES = 21;
const SPACE = 0x20;
const ZERO = 0x30;
const CLOSING = 0x29;
/** The state of a process that nobody has reaped yet: Z. */
const DEAD = 0x5a;

/** Keys of the auxiliary vector: pairs of words that the kernel hands to each program. */
const PAGE_SIZE_KEY = 6n;
const CLOCK_TICKS_KEY = 17n;
const usual: Units = { ticksPerSecond: 100, pageBytes: 4096 };

/** The kernel's units; the usual ones where it does not tell. */
export function readUnits(): Units {
  let { ticksPerSecond, pageBytes } = usual;
  try {
    const vector = readFileSync("/proc/self/auxv");
    for (let at = 0; at + 16 <= vector.length; at += 16) {
      const key = vector.readBigUInt64LE(at);
      const value = Number(vector.readBigUInt64LE(at + 8));
      if (key === PAGE_SIZE_KEY) pageBytes = value;
      if (key === CLOCK_TICKS_KEY) ticksPerSecond = value;
    }
  } catch {
    return usual; // No /proc.
  }
  return { ticksPerSecond, pageBytes };
}

/** One for all: a reading is over before the next begins. */
const buffer = Buffer.allocUnsafe(1024);

/** About 8 us, and no garbage to speak of. Undefined where no such process lives, or the system has no
 * /proc. */
export function readUsage(pid: number, units: Units): Usage | undefined {
  let file: number | undefined;
  try {
    file = openSync(`/proc/${pid}/stat`, "r");
    return parseUsage(buffer.subarray(0, readSync(file, buffer)), units);
  } catch {
    return undefined; // Gone.
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** From the content of /proc/PID/stat; undefined for anything else, and for a dead process. */
export function parseUsage(stat: Buffer, units: Units): Usage | undefined {
  const end = stat.lastIndexOf(CLOSING);
  if (end < 0 || stat[end + 2] === DEAD) return undefined;
  let ticks = 0;
  let startTicks = 0;
  let pages = 0;
  let at = end + 2;
  for (let field = 0; field <= RESIDENT_PAGES; field++) {
    let value = 0;
    for (; at < stat.length && stat[at] !== SPACE; at++) value = value * 10 + stat[at]! - ZERO;
    if (at++ >= stat.length) return undefined;
    if (field === USER_TICKS || field === SYSTEM_TICKS) ticks += value;
    else if (field === START_TICKS) startTicks = value;
    else if (field === RESIDENT_PAGES) pages = value;
  }
  return {
    cpuSeconds: ticks / units.ticksPerSecond,
    memoryBytes: pages * units.pageBytes,
    startTicks,
  };
}

/** One look at a process. */
export interface UsageSample {
  /** Share of one core since the sample before, 0 to 1 and above; undefined at the first. */
  readonly cpu: number | undefined;
  readonly memoryBytes: number;
}

export interface UsageSampler {
  /** Undefined where it does not live. Asked again within half a second (the clock is coarse) it
   * answers the same. */
  sample(pid: number): UsageSample | undefined;
}

export interface UsageSamplerDeps {
  readonly read: (pid: number) => Usage | undefined;
  /** Must not jump. */
  readonly nowMs: () => number;
}

interface Looked {
  readonly atMs: number;
  readonly usage: Usage;
  readonly sample: UsageSample;
}

const MIN_GAP_MS = 500;
/** Numbers that nobody asked about for so long are forgotten. */
const FORGET_MS = 60_000;
const FORGET_FROM = 100;

/** Remembers one sample per process that was asked about in the last minute. */
export function createUsageSampler({ read, nowMs }: UsageSamplerDeps): UsageSampler {
  const last = new Map<number, Looked>();
  let forgetFrom = FORGET_FROM;

  const forgetOld = (atMs: number): void => {
    if (last.size < forgetFrom) return;
    for (const [pid, looked] of last) if (atMs - looked.atMs > FORGET_MS) last.delete(pid);
    forgetFrom = Math.max(FORGET_FROM, 2 * last.size);
  };

  return {
    sample(pid) {
      const atMs = nowMs();
      const before = last.get(pid);
      if (before && atMs - before.atMs < MIN_GAP_MS) return before.sample;
      const usage = read(pid);
      if (!usage) {
        last.delete(pid);
        return undefined;
      }
      const isSame = before?.usage.startTicks === usage.startTicks;
      const cpu = isSame ? shareBetween(before, { atMs, usage }) : undefined;
      const sample = { cpu, memoryBytes: usage.memoryBytes };
      forgetOld(atMs);
      last.set(pid, { atMs, usage, sample });
      return sample;
    },
  };
}

function shareBetween(before: Looked, now: Pick<Looked, "atMs" | "usage">): number {
  const usedMs = (now.usage.cpuSeconds - before.usage.cpuSeconds) * 1000;
  return usedMs / (now.atMs - before.atMs);
}
