/** One clock for all threads of a process. */
import { performance } from "node:perf_hooks";

/** Milliseconds with a fraction. */
export type Clock = () => number;

/** The system's monotonic clock, the same in every thread and process of the machine. Reading it
 * allocates nothing, unlike `process.hrtime`. */
export function createMonotonicClock(): Clock {
  const offsetMs = Number(process.hrtime.bigint()) / 1e6 - performance.now();
  return () => performance.now() + offsetMs;
}
