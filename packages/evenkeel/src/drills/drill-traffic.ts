/** What clients saw during a drill, second by second. */
import type { DrillReport } from "./contract.ts";

/** Totals over all traffic since the start, and how it does now. */
export interface TrafficSample {
  readonly requests: number;
  readonly failed: number;
  /** Of the requests since the sample before; undefined without any. */
  readonly p50Ms: number | undefined;
  readonly p99Ms: number | undefined;
  /** Endpoints that are available, over all upstreams. */
  readonly available: number;
}

/** The traffic of one drill. */
export interface DrillTraffic {
  /** Takes a sample where one is due. */
  look(atMs: number): void;
  readonly samples: DrillReport["samples"];
  /** Since the drill began. */
  total(): { readonly requests: number; readonly failed: number };
}

const SAMPLE_EVERY_MS = 1000;
/** A drill of many hours is sampled less often. */
export const MOST_SAMPLES = 2000;

/** Counts from now on. `longestMs` is how long the drill may take. */
export function followTraffic(
  sample: () => TrafficSample,
  atMs: number,
  longestMs: number,
): DrillTraffic {
  const everyMs = Math.max(SAMPLE_EVERY_MS, longestMs / MOST_SAMPLES);
  const samples: DrillReport["samples"][number][] = [];
  const first = sample();
  let last = { atMs, sample: first };
  return {
    look(nowMs) {
      if (nowMs - last.atMs < everyMs || samples.length >= MOST_SAMPLES) return;
      const now = sample();
      const { p50Ms, p99Ms, available } = now;
      samples.push({ atMs: nowMs, ...since(last.sample, now), p50Ms, p99Ms, available });
      last = { atMs: nowMs, sample: now };
    },
    samples,
    total: () => since(first, sample()),
  };
}

/** Totals shrink where an upstream leaves the configuration: that is no traffic. */
function since(
  from: TrafficSample,
  to: TrafficSample,
): { readonly requests: number; readonly failed: number } {
  return {
    requests: Math.max(0, to.requests - from.requests),
    failed: Math.max(0, to.failed - from.failed),
  };
}
