/** At most so often, and never forgetting the last. */

export interface Throttle {
  call(): void;
  /** Runs what is due now. */
  flush(): void;
  /** Drops what is due. */
  cancel(): void;
}

/** Runs `work` soon after it is called, once for all calls within `gapMs`. */
export function createThrottle(work: () => void, gapMs: number): Throttle {
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
    cancel() {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
