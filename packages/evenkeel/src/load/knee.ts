/** The knee: how much load a service carries, by a stated rule. */
import type { Verdict } from "./judge-step.ts";

/** The rule in words, for reports. */
export const kneeRule =
  "the highest step that was answered at 99% or more of the offered rate and met the SLO; " +
  "steps above the first one that missed don't count";

/** A step's place on the load axis and what it showed. */
export interface JudgedLoad {
  /** Requests per second, or connections in a closed loop. */
  readonly load: number;
  readonly verdict: Verdict;
}

export type Knee =
  /** Met at `load`, missed at `missed`, the next. */
  | { readonly kind: "found"; readonly load: number; readonly missed: number }
  /** Every step met: the service carries at least that. */
  | { readonly kind: "at-least"; readonly load: number }
  /** Above `load` (null for none) the generator could not keep up. */
  | { readonly kind: "generator-limit"; readonly load: number | null; readonly invalid: number }
  /** The lowest step missed already. */
  | { readonly kind: "below"; readonly missed: number }
  /** No step was measured. */
  | { readonly kind: "none" };

/** Applies the rule to steps in any order; those repeated at one load must all have met. */
export function findKnee(steps: readonly JudgedLoad[]): Knee {
  const ascending = steps.toSorted((a, b) => a.load - b.load);
  let highest: number | null = null;
  for (const { load, verdict } of ascending) {
    if (verdict === "missed") {
      const below = ascending.filter((step) => step.load < load && step.verdict === "met").at(-1);
      if (!below) return { kind: "below", missed: load };
      return { kind: "found", load: below.load, missed: load };
    }
    if (verdict === "invalid") {
      return { kind: "generator-limit", load: highest, invalid: load };
    }
    highest = load;
  }
  return highest === null ? { kind: "none" } : { kind: "at-least", load: highest };
}

/** The next load that halves the bracket around a found knee; undefined where the bracket is within
 * 2 % of the knee, or no wider than one. */
export function nextBisection(knee: Knee): number | undefined {
  if (knee.kind !== "found") return undefined;
  const width = knee.missed - knee.load;
  if (width <= 1 || width <= knee.load * 0.02) return undefined;
  const middle = Math.round(knee.load + width / 2);
  return middle > knee.load && middle < knee.missed ? middle : undefined;
}

/** One sentence. */
export function describeKnee(knee: Knee, mode: "open" | "closed"): string {
  const say = (load: number): string =>
    mode === "open" ? `${number(load)}/s` : `${number(load)} connections`;
  switch (knee.kind) {
    case "found":
      return `Knee at ${say(knee.load)}: the next step, ${say(knee.missed)}, missed.`;
    case "at-least":
      return `No knee up to ${say(knee.load)}: every step met.`;
    case "generator-limit":
      return knee.load === null
        ? `No answer: the generator could not keep up at ${say(knee.invalid)}.`
        : `At least ${say(knee.load)}: at ${say(knee.invalid)} the generator could not keep up.`;
    case "below":
      return `The knee is below ${say(knee.missed)}: the lowest step missed.`;
    case "none":
      return "Nothing was measured.";
  }
}

function number(load: number): string {
  return load.toLocaleString("en", { maximumFractionDigits: 2 });
}
