/**
 * A run in steps of time: how many requests ended how, and how long they took.
 */
import { latencyMs, outcomeOf, type Recording } from "../client/recording.ts";

/** One value per step, by the moment requests were due. */
export interface Timeline {
  readonly stepMs: number;
  /** In time. */
  readonly ok: readonly number[];
  /** Right, but slower than `slowMs`. */
  readonly slow: readonly number[];
  readonly failed: readonly number[];
  readonly wrong: readonly number[];
  /** In milliseconds, to three digits; 0 for a step without requests. */
  readonly p50Ms: readonly number[];
  readonly worstMs: readonly number[];
}

/** Cuts a record into steps. */
export function cutTimeline(recording: Recording, slowMs: number, stepMs = 100): Timeline {
  const lastMs = recording.dueMs[recording.capacity - 1] ?? 0;
  const steps = recording.capacity === 0 ? 0 : Math.floor(lastMs / stepMs) + 1;
  const zeros = (): number[] => Array.from({ length: steps }, () => 0);
  const counts = { ok: zeros(), slow: zeros(), failed: zeros(), wrong: zeros() };
  const latencies: number[][] = Array.from({ length: steps }, () => []);
  for (let index = 0; index < recording.capacity; index++) {
    const step = Math.floor(recording.dueMs[index]! / stepMs);
    const latency = latencyMs(recording, index);
    latencies[step]!.push(latency);
    counts[kindOf(recording, index, latency > slowMs)][step]!++;
  }
  return {
    stepMs,
    ...counts,
    p50Ms: latencies.map((of) => rounded(of.sort((a, b) => a - b)[Math.floor(of.length / 2)])),
    worstMs: latencies.map((of) => rounded(of.at(-1))),
  };
}

function kindOf(
  recording: Recording,
  index: number,
  isSlow: boolean,
): "ok" | "slow" | "failed" | "wrong" {
  const outcome = outcomeOf(recording, index);
  if (outcome === "wrong") return "wrong";
  if (outcome !== "ok") return "failed";
  return isSlow ? "slow" : "ok";
}

function rounded(ms: number | undefined): number {
  return Number((ms ?? 0).toPrecision(3));
}
