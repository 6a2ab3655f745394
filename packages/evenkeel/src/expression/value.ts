/** The right side of a comparison: a number with its unit, and whether the signal has that unit. */
import { parseDuration } from "../lib/duration.ts";
import type { SignalUnit } from "./vocabulary.ts";

/** A unit as conditions know them. */
export type ValueUnit = "none" | "ratio" | "seconds" | "bytes" | "per_second";

/** A value in the unit's own measure: ratios 0 to 1, seconds, bytes, per second. */
export interface WrittenValue {
  readonly value: number;
  readonly unit: ValueUnit;
}

const unitBytes: ReadonlyMap<string, number> = new Map([
  ["b", 1],
  ["kb", 1000],
  ["kib", 1024],
  ["mb", 1000 ** 2],
  ["mib", 1024 ** 2],
  ["gb", 1000 ** 3],
  ["gib", 1024 ** 3],
]);
const perSeconds: ReadonlyMap<string, number> = new Map([
  ["/s", 1],
  ["/m", 60],
  ["/h", 3600],
]);

/** A number and the unit behind it, without blanks; undefined for a unit nobody knows, and for more
 * than a number can hold. */
export function toValue(number: string, unit: string): WrittenValue | undefined {
  const value = measured(number, unit);
  return value && Number.isFinite(value.value) ? value : undefined;
}

function measured(number: string, unit: string): WrittenValue | undefined {
  const amount = Number(number);
  if (unit === "") return { value: amount, unit: "none" };
  if (unit === "%") return { value: amount / 100, unit: "ratio" };
  const perSecond = perSeconds.get(unit);
  if (perSecond !== undefined) return { value: amount / perSecond, unit: "per_second" };
  const bytes = unitBytes.get(unit.toLowerCase());
  if (bytes !== undefined) return { value: amount * bytes, unit: "bytes" };
  const ms = number.startsWith("-") ? undefined : parseDuration(number + unit);
  return ms === undefined ? undefined : { value: ms / 1000, unit: "seconds" };
}

/** What is wrong with comparing a signal of unit `of` to a value, and what would be right;
 * undefined where they go together. Zero needs no unit. */
export function unitProblem(
  signal: string,
  of: SignalUnit,
  { value, unit }: WrittenValue,
): string | undefined {
  if (of === "any" || of === unit || (unit === "none" && value === 0)) return undefined;
  switch (of) {
    case "ratio": {
      // 0.9 and 90 may both mean 90 %: whoever writes it says which.
      const percent = unit === "none" ? (value <= 1 ? value * 100 : value) : 90;
      return `${signal} is a share: compare it with a percentage such as ${Number(percent.toFixed(6))}%`;
    }
    case "seconds":
      return `${signal} is a time: compare it with a duration such as 800ms or 5s`;
    case "bytes":
      return `${signal} is a size: compare it with one such as 512MiB`;
    case "per_second":
      return `${signal} is a rate: compare it with one such as 5/s`;
    case "none":
    default:
      return `${signal} is a number: compare it with one without a unit`;
  }
}
