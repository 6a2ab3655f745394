/** What a service owes: "p99<50ms,errors<0.1%". */
import { type FailureCounts, totalFailures } from "./failure-kind.ts";
import { type LatencyHistogram, percentileUs } from "./latency-histogram.ts";
import { formatPercent, formatUs } from "./number-format.ts";

/** One bound. A percentile of 100 is the maximum. */
export type Objective =
  | {
      readonly kind: "latency";
      readonly percentile: number;
      readonly limitUs: number;
      readonly inclusive: boolean;
    }
  | {
      readonly kind: "errors";
      /** Percent of all requests. */
      readonly limitPercent: number;
      readonly inclusive: boolean;
    };

export type Slo = readonly Objective[];

/** Holds where nothing is said of errors: without it a service that refuses fast would look fine. */
export const usualErrors: Objective = { kind: "errors", limitPercent: 1, inclusive: false };

export type SloResult =
  | { readonly ok: true; readonly slo: Slo }
  /** `at` is the position of what is wrong, from 0. */
  | { readonly ok: false; readonly at: number; readonly message: string };

const unitUs: Readonly<Record<string, number>> = { us: 1, µs: 1, ms: 1e3, s: 1e6, m: 60e6 };

/** Reads a list of bounds; one for errors is added where there is none, and an empty text is that
 * alone. */
export function parseSlo(text: string): SloResult {
  const objectives: Objective[] = [];
  let at = 0;
  for (const part of text.trim() === "" ? [] : text.split(",")) {
    const parsed = parseObjective(part);
    if ("message" in parsed) return { ok: false, at: at + parsed.at, message: parsed.message };
    objectives.push(parsed);
    at += part.length + 1;
  }
  if (!objectives.some(({ kind }) => kind === "errors")) objectives.push(usualErrors);
  return { ok: true, slo: objectives };
}

type Wrong = { readonly at: number; readonly message: string };

function parseObjective(part: string): Objective | Wrong {
  const start = part.length - part.trimStart().length;
  const found = /^\s*([a-z][a-z0-9.]*)\s*(<=?)?\s*(\S*)\s*$/i.exec(part);
  const [, name = "", comparison, limit = ""] = found ?? [];
  const percentile = percentileOf(name.toLowerCase());
  if (percentile === undefined && name.toLowerCase() !== "errors") {
    return { at: start, message: "this must be a percentile such as p99 or p99.9, max, or errors" };
  }
  const afterName = start + name.length;
  if (comparison === undefined) {
    return { at: Math.min(afterName, part.length), message: `after "${name}" comes < and a limit` };
  }
  const limitAt = part.indexOf(comparison) + comparison.length;
  const inclusive = comparison === "<=";
  const at = limitAt + (part.length - limitAt - part.slice(limitAt).trimStart().length);
  if (percentile === undefined) {
    const percent = /^(\d+(?:\.\d+)?)%$/.exec(limit)?.[1];
    if (percent === undefined) return { at, message: "errors want a percentage such as 0.1%" };
    return { kind: "errors", limitPercent: Number(percent), inclusive };
  }
  const [, amount, unit = ""] = /^(\d+(?:\.\d+)?)(us|µs|ms|s|m)$/.exec(limit) ?? [];
  if (amount === undefined) return { at, message: `${name} wants a duration such as 50ms` };
  return { kind: "latency", percentile, limitUs: Number(amount) * unitUs[unit]!, inclusive };
}

function percentileOf(name: string): number | undefined {
  if (name === "max") return 100;
  const digits = /^p(\d{1,2}(?:\.\d{1,4})?)$/.exec(name)?.[1];
  return digits === undefined || Number(digits) === 0 ? undefined : Number(digits);
}

/** As it would be written: "p99<50ms,errors<0.1%". */
export function formatSlo(slo: Slo): string {
  return slo
    .map((objective) => {
      const comparison = objective.inclusive ? "<=" : "<";
      if (objective.kind === "errors") return `errors${comparison}${objective.limitPercent}%`;
      return `${percentileName(objective.percentile)}${comparison}${writeUs(objective.limitUs)}`;
    })
    .join(",");
}

/** "p99.9", or "max" for 100. */
export function percentileName(percentile: number): string {
  return percentile === 100 ? "max" : `p${percentile}`;
}

function writeUs(us: number): string {
  if (us >= 1e6) return `${us / 1e6}s`;
  return us >= 1_000 ? `${us / 1_000}ms` : `${us}us`;
}

/** The bounds that do not hold, in words; empty where all do. Without a request none can hold, and
 * that is said. */
export function missedObjectives(
  slo: Slo,
  measured: {
    readonly requests: number;
    readonly latency: LatencyHistogram;
    readonly failures: Readonly<FailureCounts>;
  },
): string[] {
  if (measured.requests === 0) return ["no request was answered or failed"];
  return slo.flatMap((objective) => {
    const comparison = objective.inclusive ? "<=" : "<";
    const holds = (value: number, limit: number): boolean =>
      objective.inclusive ? value <= limit : value < limit;
    if (objective.kind === "errors") {
      const percent = (totalFailures(measured.failures) * 100) / measured.requests;
      if (holds(percent, objective.limitPercent)) return [];
      return [`errors ${formatPercent(percent)}, not ${comparison} ${objective.limitPercent}%`];
    }
    const us = percentileUs(measured.latency, objective.percentile);
    if (measured.latency.totalCount > 0 && holds(us, objective.limitUs)) return [];
    const name = percentileName(objective.percentile);
    const shown = measured.latency.totalCount === 0 ? "unknown" : formatUs(us);
    return [`${name} ${shown}, not ${comparison} ${writeUs(objective.limitUs)}`];
  });
}
