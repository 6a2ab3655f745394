/** Numbers as reports show them. */

/** Microseconds as "842 us", "12.3 ms" or "1.25 s": three digits, never rounded to zero. */
export function formatUs(us: number): string {
  if (us < 1_000) return `${Math.round(us)} us`;
  return us < 1_000_000 ? `${threeDigits(us / 1_000)} ms` : `${threeDigits(us / 1_000_000)} s`;
}

/** "12,345" above a thousand, "999.5" below. */
export function formatAmount(amount: number): string {
  return amount.toLocaleString("en", { maximumFractionDigits: amount < 1_000 ? 1 : 0 });
}

/** "0%", "0.13%", "2.5e-3%". */
export function formatPercent(percent: number): string {
  if (percent > 0 && percent < 0.01) return `${percent.toExponential(1)}%`;
  return `${Number(percent.toFixed(2))}%`;
}

/** "+12%", "-3%", "same". */
export function formatChange(percent: number | undefined): string {
  if (percent === undefined) return "";
  const rounded = Math.abs(percent) < 10 ? Number(percent.toFixed(1)) : Math.round(percent);
  return rounded === 0 ? "same" : `${rounded > 0 ? "+" : ""}${rounded}%`;
}

function threeDigits(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toFixed(digits);
}
