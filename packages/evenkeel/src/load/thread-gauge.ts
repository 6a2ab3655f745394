/** Measures how the generator's own thread does. */
import { monitorEventLoopDelay } from "node:perf_hooks";

import type { Clock } from "./clock.ts";
import type { ThreadHealth } from "./thread-messages.ts";

export interface ThreadGauge {
  /** Starts anew. */
  start(): void;
  /** What was since the start. */
  read(): ThreadHealth;
  close(): void;
}

/** The event loop's delay is sampled this often; the sample itself is part of what Node reports. */
const resolutionMs = 5;

/** A gauge of the thread it is made in. */
export function createThreadGauge(clock: Clock): ThreadGauge {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  let sinceMs = clock();
  let before = process.threadCpuUsage();
  delay.enable();
  return {
    start() {
      delay.reset();
      sinceMs = clock();
      before = process.threadCpuUsage();
    },
    read() {
      const used = process.threadCpuUsage(before);
      const wallUs = Math.max(1, (clock() - sinceMs) * 1_000);
      const over = (ns: number): number =>
        delay.count === 0 ? 0 : Math.max(0, ns / 1e6 - resolutionMs);
      return {
        cpu: (used.user + used.system) / wallUs,
        loopDelayP99Ms: over(delay.percentile(99)),
        loopDelayMaxMs: over(delay.max),
      };
    },
    close: () => void delay.disable(),
  };
}
