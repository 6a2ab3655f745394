/**
 * From the record of every request to the numbers of a row.
 */
import {
  latencyMs,
  outcomeOf,
  type Recording,
  type Reason,
  reasons,
  Tally,
} from "../client/recording.ts";
import type { FaultWindow } from "./fault-window.ts";
import { quantile, sortedLatencies } from "./quantile.ts";

/** What clients saw in one run. Times are milliseconds. */
export interface Summary {
  readonly requests: number;
  /** No answer, or another status than 200. */
  readonly failed: number;
  /** A 200 whose body was another request's or damaged. */
  readonly wrong: number;
  /** Latencies from the moment a request was due to its end, failed ones included. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly worstMs: number;
  /** What counts as slow here: 50 ms, or ten times the median before the fault if that is more. */
  readonly slowMs: number;
  /** From the fault to the moment the last request was due that then failed, was wrong or slow: from
   * then on requests are served as before. 0: none was. */
  readonly detectMs: number;
  /** The same without the slow ones: from then on nothing failed. */
  readonly errorFreeMs: number;
  /** Such requests still came in the last half second of the fault: it was not detected within. */
  readonly undetected: boolean;
  /** The client's connections that broke with a request on them. */
  readonly connectionsLost: number;
  /** How many failed or were wrong for each reason. */
  readonly byReason: Readonly<Partial<Record<Reason, number>>>;
  /** How late the client itself sent: what can't be blamed on the product. */
  readonly lateP99Ms: number;
  readonly lateWorstMs: number;
}

const LEAST_SLOW_MS = 50;
const SLOW_FACTOR = 10;
/** So near the end of the fault, a bad request means that it was not detected. */
const MARGIN_MS = 500;

/** Sums a record up. Every request must have an outcome. */
export function summarize(recording: Recording, fault: FaultWindow): Summary {
  const sorted = sortedLatencies(recording, 0, Number.POSITIVE_INFINITY);
  const before = sortedLatencies(recording, 0, fault.beginMs);
  const slowMs = Math.max(LEAST_SLOW_MS, SLOW_FACTOR * (quantile(before, 0.5) ?? 0));
  const bad = lastDueMs(recording, fault, (index) => isBad(recording, index));
  const affected = lastDueMs(
    recording,
    fault,
    (index) => isBad(recording, index) || latencyMs(recording, index) > slowMs,
  );
  const late = lateness(recording);
  return {
    requests: recording.capacity,
    failed: count(recording, "failed"),
    wrong: count(recording, "wrong"),
    p50Ms: quantile(sorted, 0.5) ?? 0,
    p99Ms: quantile(sorted, 0.99) ?? 0,
    p999Ms: quantile(sorted, 0.999) ?? 0,
    worstMs: sorted.at(-1) ?? 0,
    slowMs,
    detectMs: affected === undefined ? 0 : affected - fault.beginMs,
    errorFreeMs: bad === undefined ? 0 : bad - fault.beginMs,
    undetected: affected !== undefined && affected > endOf(recording, fault) - MARGIN_MS,
    connectionsLost: recording.tally[Tally.connectionsLost]!,
    byReason: countReasons(recording),
    lateP99Ms: quantile(late, 0.99) ?? 0,
    lateWorstMs: late.at(-1) ?? 0,
  };
}

function isBad(recording: Recording, index: number): boolean {
  return outcomeOf(recording, index) !== "ok";
}

function count(recording: Recording, outcome: "failed" | "wrong"): number {
  let found = 0;
  for (let index = 0; index < recording.capacity; index++) {
    if (outcomeOf(recording, index) === outcome) found++;
  }
  return found;
}

/** When the last request was due, since the fault began, for which that is true. */
function lastDueMs(
  recording: Recording,
  fault: FaultWindow,
  isSo: (index: number) => boolean,
): number | undefined {
  for (let index = recording.capacity - 1; index >= 0; index--) {
    const dueMs = recording.dueMs[index]!;
    // Requests from just before the fault may have been caught by it in flight.
    if (dueMs < fault.beginMs) return isSo(index) ? fault.beginMs : undefined;
    if (isSo(index)) return dueMs;
  }
  return undefined;
}

function endOf(recording: Recording, fault: FaultWindow): number {
  return fault.endMs ?? recording.dueMs[recording.capacity - 1] ?? 0;
}

function countReasons(recording: Recording): Partial<Record<Reason, number>> {
  const found: Partial<Record<Reason, number>> = {};
  for (let index = 0; index < recording.capacity; index++) {
    const reason = reasons[recording.reason[index]!]!;
    if (reason !== "none") found[reason] = (found[reason] ?? 0) + 1;
  }
  return found;
}

function lateness(recording: Recording): Float64Array {
  return recording.sentMs.map((sent, index) => sent - recording.dueMs[index]!).sort();
}
