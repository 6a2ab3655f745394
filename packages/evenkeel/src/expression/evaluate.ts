/**
 * Logic with three values (Kleene's strong one): what nobody measured is neither true nor false, and
 * so is whatever depends on it. Pure.
 */
import type { Comparator, Truth } from "./expression.ts";

/** Compares a reading with a bound; unknown where there is no reading or it is not a number. */
export function compare(value: number | undefined, comparator: Comparator, bound: number): Truth {
  if (value === undefined || Number.isNaN(value)) return "unknown";
  return holds(value, comparator, bound) ? "true" : "false";
}

function holds(value: number, comparator: Comparator, bound: number): boolean {
  switch (comparator) {
    case ">":
      return value > bound;
    case ">=":
      return value >= bound;
    case "<":
      return value < bound;
    case "<=":
      return value <= bound;
    case "==":
      return value === bound;
    case "!=":
    default:
      return value !== bound;
  }
}

/** False where any is false, else unknown where any is; true for none. */
export function all(truths: readonly Truth[]): Truth {
  if (truths.includes("false")) return "false";
  return truths.includes("unknown") ? "unknown" : "true";
}

/** True where any is true, else unknown where any is; false for none. */
export function any(truths: readonly Truth[]): Truth {
  if (truths.includes("true")) return "true";
  return truths.includes("unknown") ? "unknown" : "false";
}
