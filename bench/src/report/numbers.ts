/**
 * Numbers as tables print them.
 */

/** Fixed digits; a dash for what was not measured. */
export function fixed(value: number | undefined, digits: number): string {
  return value === undefined || Number.isNaN(value) ? "-" : value.toFixed(digits);
}

/** Whole numbers with thousands separated. */
export function whole(value: number): string {
  return Number.isNaN(value) ? "-" : Math.round(value).toLocaleString("en-US");
}

/** A share as a percentage. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}

/** A ratio such as `1.14x`; a dash for what was not measured. */
export function times(ratio: number | undefined): string {
  return ratio === undefined || Number.isNaN(ratio) ? "-" : `${ratio.toFixed(2)}x`;
}
