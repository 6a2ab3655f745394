/** At most so often, and never forgetting the last. */

/** A function that runs `work` soon after it is called, once for all calls within `gapMs`. `flush`
 * runs what is due now. */
export function createThrottle(work: () => void, gapMs: number): { call(): void; flush(): void } {
  let timer: NodeJS.Timeout | undefined;
  const run = (): void => {
    timer = undefined;
    work();
  };
  return {
    call() {
      timer ??= setTimeout(run, gapMs);
    },
    flush() {
      if (timer === undefined) return;
      clearTimeout(timer);
      run();
    },
  };
}
