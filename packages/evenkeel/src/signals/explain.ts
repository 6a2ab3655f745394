/** One comparison and its reading in a few words. */
import type { Expression } from "../expression/expression.ts";
import { formatSignal } from "../expression/format.ts";
import { vocabulary } from "../expression/vocabulary.ts";
import type { Reading } from "./contract.ts";
import { formatValue } from "./format-value.ts";

type Comparison = Extract<Expression, { kind: "comparison" }>;

/** `p99 = 812ms (> 800ms), 340 requests`, or `p99 is unknown (> 800ms): no requests`. */
export function explainReading(comparison: Comparison, reading: Reading): string {
  const { signal, comparator, unit, written } = comparison;
  const bound = `(${comparator} ${written})`;
  const name = nameOf(signal);
  if (reading.value === undefined || Number.isNaN(reading.value)) {
    return `${name} is unknown ${bound}${reading.note ? `: ${reading.note}` : ""}`;
  }
  const word = vocabulary.get(signal.name);
  const own = word && word.unit !== "any" ? word.unit : unit;
  const counted = word?.of.includes("route") === true;
  const requests = reading.samples === 1 ? "1 request" : `${reading.samples} requests`;
  return `${name} = ${formatValue(reading.value, own)} ${bound}${counted ? `, ${requests}` : ""}`;
}

/** Whom it is of, the subject says; which metric, only the name does. */
function nameOf(signal: Comparison["signal"]): string {
  if (signal.name !== "metric" && signal.query === undefined) return signal.name;
  const { name = "" } = signal.selector as { readonly name?: string };
  return signal.query === undefined ? name : formatSignal(signal);
}
