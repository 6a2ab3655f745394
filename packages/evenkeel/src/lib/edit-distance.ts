/** How far two words are apart, and which of several was probably meant. */

/** Insertions, deletions, replacements and swaps of neighbours between two words (optimal string
 * alignment); stops early and answers `limit + 1` once it is above `limit`. */
export function editDistance(from: string, to: string, limit: number): number {
  if (Math.abs(from.length - to.length) > limit) return limit + 1;
  let before: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const now = [row];
    let least = row;
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1] ? 0 : 1;
      let cost = Math.min(last[column]! + 1, now[column - 1]! + 1, last[column - 1]! + same);
      const swapped =
        row > 1 &&
        column > 1 &&
        from[row - 1] === to[column - 2] &&
        from[row - 2] === to[column - 1];
      if (swapped) cost = Math.min(cost, before[column - 2]! + 1);
      now.push(cost);
      if (cost < least) least = cost;
    }
    if (least > limit) return limit + 1;
    before = last;
    last = now;
  }
  return last[to.length]!;
}

/** The candidate that `word` was probably meant to be, ignoring case and "-" for "_"; undefined
 * where none is near. Near is a third of the word's letters, or being its beginning. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const plain = simplify(word);
  const limit = Math.max(1, Math.floor(plain.length / 3));
  let best: string | undefined;
  let bestDistance = limit + 1;
  let begins: string | undefined;
  for (const candidate of candidates) {
    const other = simplify(candidate);
    const distance = editDistance(plain, other, limit);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
    if (plain.length >= 3 && other.startsWith(plain)) begins ??= candidate;
  }
  return best ?? begins;
}

function simplify(word: string): string {
  return word.toLowerCase().replaceAll("-", "_");
}
