/** Which statuses count as answers that are fine: "2xx", "200,404", "200-399". */

/** Ranges, both ends included. */
export type ExpectedStatuses = readonly (readonly [from: number, to: number])[];

/** What is fine where nothing is said: 2xx and 3xx. */
export const usualStatuses: ExpectedStatuses = [[200, 399]];

/** Undefined for anything that is not a list of statuses (200 to 599), ranges and classes. */
export function parseExpected(text: string): ExpectedStatuses | undefined {
  const ranges: (readonly [number, number])[] = [];
  for (const part of text.split(",").map((word) => word.trim().toLowerCase())) {
    const found = /^(?:([2-5])xx|(\d{3})(?:-(\d{3}))?)$/.exec(part);
    if (!found) return undefined;
    const [, digit, first, last = first] = found;
    const range = digit
      ? ([Number(digit) * 100, Number(digit) * 100 + 99] as const)
      : ([Number(first), Number(last)] as const);
    if (range[0] < 200 || range[1] > 599 || range[0] > range[1]) return undefined;
    ranges.push(range);
  }
  return ranges;
}

/** The shortest way to write them. */
export function formatExpected(expected: ExpectedStatuses): string {
  return expected
    .flatMap(([from, to]) => {
      if (from === to) return [String(from)];
      if (from % 100 !== 0 || to % 100 !== 99) return [`${from}-${to}`];
      const classes = (to + 1 - from) / 100;
      return Array.from({ length: classes }, (_, index) => `${from / 100 + index}xx`);
    })
    .join(",");
}

/** A table by status, for a look-up per answer: 1 where it is fine. */
export function expectedTable(expected: ExpectedStatuses): Uint8Array {
  const table = new Uint8Array(600);
  for (const [from, to] of expected) table.fill(1, from, to + 1);
  return table;
}
