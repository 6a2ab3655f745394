/** What the usual client libraries call heap, event-loop lag and pauses for garbage collection. */
import type { Series } from "./exposition.ts";

/** prom-client's and Go's own, the better one first. */
const gauges: Readonly<Record<string, readonly string[]>> = {
  heap_used: ["nodejs_heap_size_used_bytes", "go_memstats_heap_inuse_bytes"],
  event_loop_lag: ["nodejs_eventloop_lag_p99_seconds", "nodejs_eventloop_lag_seconds"],
};
const GO_PAUSES = "go_gc_duration_seconds";
const NODE_PAUSES = "nodejs_gc_duration_seconds_bucket";

/** Every name that is looked for on each page. */
export const knownNames: ReadonlySet<string> = new Set([
  ...Object.values(gauges).flat(),
  GO_PAUSES,
  NODE_PAUSES,
]);

/** `heap_used` or `event_loop_lag` on a page; undefined where it has neither name. */
export function knownGauge(signal: string, page: readonly Series[]): number | undefined {
  for (const name of gauges[signal] ?? []) {
    const found = page.find((series) => series.name === name);
    if (found && !Number.isNaN(found.value)) return found.value;
  }
  return undefined;
}

/** The longest pause since the page before, in seconds: Go says it, of prom-client's histogram it is
 * the upper edge of the highest bucket that grew (twice the last edge beyond that). Undefined where
 * nothing can be said. */
export function longestPause(
  page: readonly Series[],
  before: readonly Series[] | undefined,
): number | undefined {
  const longest = page.find(({ name, labels }) => name === GO_PAUSES && labels["quantile"] === "1");
  if (longest) return Number.isNaN(longest.value) ? undefined : longest.value;
  const now = bucketCounts(page);
  if (now.size === 0 || !before) return undefined;
  const then = bucketCounts(before);
  const edges = [...now.keys()].toSorted((one, other) => one - other);
  const last = edges.findLast((edge) => edge !== Infinity) ?? 0;
  let pause = 0;
  let below = 0;
  for (const edge of edges) {
    const grown = now.get(edge)! - (then.get(edge) ?? 0);
    // A counter that shrank belongs to another process.
    if (grown < 0) return undefined;
    if (grown > below) pause = edge === Infinity ? 2 * last : edge;
    below = grown;
  }
  return pause;
}

/** Pauses up to each edge, over all kinds of collections. */
function bucketCounts(page: readonly Series[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { name, labels, value } of page) {
    if (name !== NODE_PAUSES) continue;
    const text = labels["le"] ?? "";
    const edge = text === "+Inf" ? Infinity : Number(text);
    if (!Number.isNaN(edge)) counts.set(edge, (counts.get(edge) ?? 0) + value);
  }
  return counts;
}
