/** What a process uses of the machine, from /proc. Of an instance only its first process is looked at:
 * what it has started itself is not counted. */
import { readFileSync } from "node:fs";

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
const STATE = 0;
const USER_TICKS = 11;
const SYSTEM_TICKS = 12;
const START_TICKS = 19;
const RESIDENT_PAGES = 21;

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

/** About 10 us. Undefined where no such process lives, or the system has no /proc. */
export function readUsage(pid: number, units: Units): Usage | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    return undefined; // Gone.
  }
  return parseUsage(text, units);
}

/** From the text of /proc/PID/stat; undefined for anything else, and for a dead process. */
export function parseUsage(text: string, units: Units): Usage | undefined {
  const end = text.lastIndexOf(")");
  const fields = text.slice(end + 2).split(" ", RESIDENT_PAGES + 1);
  if (end < 0 || fields.length <= RESIDENT_PAGES || fields[STATE] === "Z") return undefined;
  const ticks = Number(fields[USER_TICKS]) + Number(fields[SYSTEM_TICKS]);
  return {
    cpuSeconds: ticks / units.ticksPerSecond,
    memoryBytes: Number(fields[RESIDENT_PAGES]) * units.pageBytes,
    startTicks: Number(fields[START_TICKS]),
  };
}

/** One look at a process. */
export interface UsageSample {
  /** Share of one core since the sample before, 0 to 1 and above; undefined at the first. */
  readonly cpu: number | undefined;
  readonly memoryBytes: number;
}

export interface UsageSampler {
  /** Undefined where it does not live. Samples closer than 200 ms (the clock is coarse) repeat the
   * share of the one before. */
  sample(pid: number): UsageSample | undefined;
  /** Forgets all others. */
  keep(pids: ReadonlySet<number>): void;
}

export interface UsageSamplerDeps {
  readonly read: (pid: number) => Usage | undefined;
  /** Must not jump. */
  readonly nowMs: () => number;
}

const MIN_GAP_MS = 200;

/** Remembers one sample per process. */
export function createUsageSampler({ read, nowMs }: UsageSamplerDeps): UsageSampler {
  const last = new Map<number, { atMs: number; usage: Usage; cpu: number | undefined }>();
  return {
    sample(pid) {
      const usage = read(pid);
      if (!usage) {
        last.delete(pid);
        return undefined;
      }
      const atMs = nowMs();
      const before = last.get(pid);
      const { memoryBytes } = usage;
      if (before?.usage.startTicks !== usage.startTicks) {
        last.set(pid, { atMs, usage, cpu: undefined });
        return { cpu: undefined, memoryBytes };
      }
      const tookMs = atMs - before.atMs;
      if (tookMs < MIN_GAP_MS) return { cpu: before.cpu, memoryBytes };
      const cpu = ((usage.cpuSeconds - before.usage.cpuSeconds) * 1000) / tookMs;
      last.set(pid, { atMs, usage, cpu });
      return { cpu, memoryBytes };
    },
    keep(pids) {
      for (const pid of last.keys()) if (!pids.has(pid)) last.delete(pid);
    },
  };
}
