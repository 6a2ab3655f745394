/** What a proxy says about itself on the board, once a second. */
import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import { getHeapStatistics } from "node:v8";

import { workerGauge, type Counters } from "../board/board.ts";

const SAMPLE_MS = 1_000;
const DELAY_RESOLUTION_MS = 20;

/** Starts sampling into the worker's gauges; `each` is called with every sample. Returns the stop. */
export function startGauges(counters: Counters, each: () => void): () => void {
  const delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  delay.enable();
  let before = performance.eventLoopUtilization();
  const sample = (): void => {
    const now = performance.eventLoopUtilization();
    const gauges = counters.worker;
    // The monitor measures its own timer, whose period is no delay.
    const us = (ns: number): number => Math.max(0, ns / 1_000 - DELAY_RESOLUTION_MS * 1_000);
    gauges[workerGauge.loopLagP50Us] = us(delay.percentile(50));
    gauges[workerGauge.loopLagP99Us] = us(delay.percentile(99));
    gauges[workerGauge.loopLagMaxUs] = us(delay.max);
    gauges[workerGauge.loopUtilization] = performance.eventLoopUtilization(now, before).utilization;
    before = now;
    delay.reset();
    // Not process.memoryUsage(): it reads a file, and throws where no more can be opened.
    const memory = getHeapStatistics();
    gauges[workerGauge.heapUsedBytes] = memory.used_heap_size;
    gauges[workerGauge.externalBytes] = memory.external_memory;
    gauges[workerGauge.sampledAtMs] = Date.now();
    each();
  };
  const timer = setInterval(sample, SAMPLE_MS).unref();
  sample();
  return () => {
    clearInterval(timer);
    delay.disable();
  };
}
