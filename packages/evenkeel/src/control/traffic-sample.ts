/** How all traffic does, for drills: totals of requests, and percentiles since the sample before. */
import { upstreamCounter, upstreamRow, type Board } from "../board/board.ts";
import { bucketCount, percentile } from "../board/histogram.ts";
import type { TrafficSample } from "../drills/drill-traffic.ts";
import type { EndpointHealth } from "../health/contract.ts";
import { isInService } from "../health/in-service.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";
import { sum, sumLatency } from "../telemetry/sums.ts";

/** Samples as clients see it: by upstream, where a request that was tried again counts once. Percentiles are those of the requests since the sample before. */
export function createTrafficSampler(
  board: Board,
  snapshot: () => Snapshot,
  health: () => readonly EndpointHealth[],
): () => TrafficSample {
  let seen = new Float64Array(bucketCount);
  const one = new Float64Array(bucketCount);
  return () => {
    let requests = 0;
    let failed = 0;
    const all = new Float64Array(bucketCount);
    for (const { slot } of snapshot().upstreams) {
      requests += sum(board, "upstream", upstreamRow(slot), upstreamCounter.requests);
      failed += sum(board, "upstream", upstreamRow(slot), upstreamCounter.failedRequests);
      sumLatency(board, "upstream", slot, one);
      for (let bucket = 0; bucket < bucketCount; bucket++) all[bucket]! += one[bucket]!;
    }
    const grown = all.map((count, bucket) => Math.max(0, count - seen[bucket]!));
    seen = all;
    const inMs = (share: number): number | undefined => {
      const us = percentile(grown, share);
      return us === undefined ? undefined : us / 1000;
    };
    return {
      requests,
      failed,
      p50Ms: inMs(0.5),
      p99Ms: inMs(0.99),
      available: health().filter(isInService).length,
    };
  };
}
