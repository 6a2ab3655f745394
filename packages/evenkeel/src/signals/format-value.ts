/** Values of signals for people. */
import { formatDuration } from "../lib/duration.ts";
import type { ValueUnit } from "../expression/value.ts";

/** Three digits where it matters: `812ms`, `93.4%`, `1.21GiB`, `5.2/s`. */
export function formatValue(value: number, unit: ValueUnit): string {
  if (!Number.isFinite(value)) return String(value);
  switch (unit) {
    case "ratio":
      return `${digits(value * 100)}%`;
    case "seconds":
      return seconds(value);
    case "bytes":
      return bytes(value);
    case "per_second":
      return `${digits(value)}/s`;
    case "none":
    default:
      return digits(value);
  }
}

function seconds(value: number): string {
  if (Math.abs(value) < 10) {
    return Math.abs(value) < 1 ? `${digits(value * 1000)}ms` : `${digits(value)}s`;
  }
  return value < 0 ? `${digits(value)}s` : formatDuration(Math.round(value) * 1000);
}

function bytes(value: number): string {
  for (const [unit, factor] of [
    ["GiB", 1024 ** 3],
    ["MiB", 1024 ** 2],
    ["KiB", 1024],
  ] as const) {
    if (Math.abs(value) >= factor) return `${digits(value / factor)}${unit}`;
  }
  return `${digits(value)}B`;
}

/** Whole numbers in full, others with three digits. */
function digits(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return String(Number(value.toPrecision(Math.abs(value) >= 100 ? 4 : 3)));
}
