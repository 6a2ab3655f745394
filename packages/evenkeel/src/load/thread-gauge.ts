/** Measures how the generator's own thread does. */
import { readFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";

import type { Clock } from "./clock.ts";
import type { ThreadHealth } from "./thread-messages.ts";

export interface ThreadGauge {
  /** Starts anew. */
  start(): void;
  /** What was since the start. `spareMs` is the time for which a polling thread found nothing to do,
   * undefined for one that sleeps. */
  read(spareMs: number | undefined): ThreadHealth;
  close(): void;
}

/** The event loop's delay is sampled this often; the sample itself is part of what Node reports. */
const resolutionMs = 5;

/** A gauge of the thread it is made in. */
export function createThreadGauge(clock: Clock): ThreadGauge {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  let sinceMs = clock();
  let before = process.threadCpuUsage();
  let waitBeforeMs = readWaitMs();
  delay.enable();
  return {
    start() {
      delay.reset();
      sinceMs = clock();
      before = process.threadCpuUsage();
      waitBeforeMs = readWaitMs();
    },
    read(spareMs) {
      const used = process.threadCpuUsage(before);
      const wallMs = Math.max(0.001, clock() - sinceMs);
      const cpu = (used.user + used.system) / 1_000 / wallMs;
      const cpuWait = Math.max(0, readWaitMs() - waitBeforeMs) / wallMs;
      const over = (ns: number): number =>
        delay.count === 0 ? 0 : Math.max(0, ns / 1e6 - resolutionMs);
      return {
        cpu,
        cpuWait,
        busy: spareMs === undefined ? cpu + cpuWait : Math.max(0, 1 - spareMs / wallMs),
        loopDelayP99Ms: over(delay.percentile(99)),
        loopDelayMaxMs: over(delay.max),
      };
    },
    close: () => void delay.disable(),
  };
}

/** How long this thread has waited for a processor since it began; 0 where the system does not
 * tell. The second number of Linux' schedstat, in nanoseconds. */
function readWaitMs(): number {
  try {
    const [, waitedNs = "0"] = readFileSync("/proc/thread-self/schedstat", "utf8").split(" ");
    return Number(waitedNs) / 1e6;
  } catch {
    return 0; // Not Linux, or without accounting: then only the other signs tell.
  }
}
