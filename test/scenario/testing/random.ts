/** Chance that can be repeated. */

/** Numbers from 0 up to 1, always the same ones for a seed: a linear congruence whose state is mixed
 * before it is shown, which is plenty for choosing faults. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    let mixed = state ^ (state >>> 15);
    mixed = Math.imul(mixed, 0x2c1b3c6d);
    mixed ^= mixed >>> 12;
    return (mixed >>> 0) / 2 ** 32;
  };
}

/** One of them, each as likely as any other; throws of none. */
export function oneOf<Thing>(things: readonly Thing[], random: () => number): Thing {
  const chosen = things[Math.floor(random() * things.length)];
  if (chosen === undefined) throw new Error("nothing to choose from");
  return chosen;
}

/** All of them in another order. */
export function shuffled<Thing>(things: readonly Thing[], random: () => number): Thing[] {
  return things
    .map((thing) => ({ thing, at: random() }))
    .sort((one, other) => one.at - other.at)
    .map(({ thing }) => thing);
}
