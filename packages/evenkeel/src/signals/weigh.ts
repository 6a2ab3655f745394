/** What share of its weight signals leave an endpoint. Pure. */
import type { Truth } from "../expression/expression.ts";

/** One rule of `metric_health` that lowers weights, and what it says of an endpoint now. */
export interface Opinion {
  readonly truth: Truth;
  /** Enough requests to judge by. */
  readonly judged: boolean;
  /** What is left while it holds. */
  readonly percent: number;
  /** What comes back in a second once it does not. */
  readonly stepPercent: number;
  readonly explanation: string;
}

/** A share and why. */
export interface Weighed {
  /** Above 0, at most 100. */
  readonly percent: number;
  readonly reason: string;
}

/**
 * The share after a look `elapsedMs` behind the one before; undefined where it stays.
 *
 * The lowest of the rules that hold counts, at once. Without any, the weight comes back step by step.
 * What is unknown changes nothing; but too few requests are no reason to stay down: an endpoint with
 * a small weight might never get enough to clear itself.
 */
export function weigh(
  current: number,
  opinions: readonly Opinion[],
  elapsedMs: number,
): Weighed | undefined {
  const holding = opinions.filter(({ truth, judged }) => judged && truth === "true");
  const lowest = holding.toSorted((one, other) => one.percent - other.percent)[0];
  if (lowest && lowest.percent < current) {
    return { percent: lowest.percent, reason: lowest.explanation };
  }
  const ceiling = lowest?.percent ?? 100;
  if (current >= ceiling) return undefined;
  if (opinions.some(({ truth, judged }) => judged && truth === "unknown")) return undefined;
  const step = Math.min(100, ...opinions.map(({ stepPercent }) => stepPercent));
  const percent = Math.min(ceiling, current + (step * Math.max(0, elapsedMs)) / 1000);
  if (percent <= current) return undefined;
  return { percent, reason: lowest?.explanation ?? "it is over, the weight comes back" };
}
