/** Reads the board's per-proxy counters as totals. */
import { latencyRow, type Board, type Counters } from "../board/board.ts";
import { bucketCount } from "../board/histogram.ts";

/** Names of the counter tables. */
export type CounterTable = "endpoint" | "upstream" | "route";

/** One counter over all proxies; `row` is a row's start, `column` one of its columns. */
export function sum(board: Board, table: CounterTable, row: number, column: number): number {
  let total = 0;
  for (const counters of board.counters) total += counters[table][row + column]!;
  return total;
}

/** The failures and refusals with a reason's number, over all proxies. */
export function sumReason(board: Board, reason: number): number {
  let total = 0;
  for (const counters of board.counters) total += counters.reasons[reason]!;
  return total;
}

/** Writes the latency histogram of a slot over all proxies into `into` (`bucketCount` numbers). */
export function sumLatency(
  board: Board,
  table: CounterTable,
  slot: number,
  into: Float64Array,
): void {
  into.fill(0);
  const start = latencyRow(slot);
  for (const counters of board.counters) {
    const row = latencyTable(counters, table);
    for (let bucket = 0; bucket < bucketCount; bucket++) {
      into[bucket] = into[bucket]! + row[start + bucket]!;
    }
  }
}

function latencyTable(counters: Counters, table: CounterTable): Float64Array {
  if (table === "endpoint") return counters.endpointLatency;
  return table === "upstream" ? counters.upstreamLatency : counters.routeLatency;
}
