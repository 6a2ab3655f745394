/**
 * Processor time and memory of running processes, read from /proc (Linux only).
 */
import { readdirSync, readFileSync } from "node:fs";

/** Length of the kernel's clock tick as user space sees it: fixed at 100 per second on Linux. */
const TICK_US = 10_000;

/** Processor time used since a process started, all its threads together. */
export interface CpuTime {
  readonly userUs: number;
  readonly systemUs: number;
}

/** Sums the time of the processes; throws when one of them is gone. */
export function cpuTimeOf(pids: readonly number[]): CpuTime {
  let userUs = 0;
  let systemUs = 0;
  for (const pid of pids) {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The command in parentheses may hold spaces: count the fields after it. utime and stime are
    // fields 14 and 15 of the line, so 12th and 13th of what follows the parenthesis.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    userUs += Number(fields[11]) * TICK_US;
    systemUs += Number(fields[12]) * TICK_US;
  }
  return { userUs, systemUs };
}

/** What was used between two readings. */
export function cpuTimeBetween(from: CpuTime, to: CpuTime): CpuTime {
  return { userUs: to.userUs - from.userUs, systemUs: to.systemUs - from.systemUs };
}

/** Resident memory of the processes, summed. */
export function residentBytesOf(pids: readonly number[]): number {
  let bytes = 0;
  for (const pid of pids) {
    const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"));
    bytes += Number(line?.[1] ?? 0) * 1024;
  }
  return bytes;
}

/** The direct children of a process, whichever of its threads forked them. */
export function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, "latin1")
      .split(" ")
      .filter((child) => child.trim() !== "")
      .map(Number),
  );
}
