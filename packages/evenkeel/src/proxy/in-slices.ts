/** Long work of an event loop that has connections to serve meanwhile. */

/** Runs `work` for about `sliceMs` at once, the first slice before it returns, and goes on in later
 * turns of the event loop until it is done. What it returns ends the work for good: `done` is not
 * called then. What the work throws is thrown in the turn where it happens. */
export function inSlices<Result>(
  work: Iterator<undefined, Result>,
  sliceMs: number,
  done: (result: Result) => void,
): () => void {
  let next: NodeJS.Immediate | undefined;
  const slice = (): void => {
    const untilMs = performance.now() + sliceMs;
    do {
      for (let step = 0; step < STEPS_PER_LOOK; step++) {
        const { done: isDone, value } = work.next();
        if (isDone === true) return done(value);
      }
    } while (performance.now() < untilMs);
    next = setImmediate(slice);
  };
  slice();
  return () => clearImmediate(next);
}

/** Steps are far shorter than a slice: the clock is not asked after each. */
const STEPS_PER_LOOK = 16;
