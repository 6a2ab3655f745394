/** Looks again and again, but only while there is something to look at. */

export interface Sweep {
  /** There is something again. */
  wake(): void;
  close(): void;
}

/** Calls `look` every `everyMs` from a `wake` on until it answers false. Keeps no process alive. */
export function createSweep(everyMs: number, look: () => boolean): Sweep {
  let timer: NodeJS.Timeout | undefined;
  const sleep = (): void => {
    clearInterval(timer);
    timer = undefined;
  };
  return {
    wake() {
      timer ??= setInterval(() => {
        if (!look()) sleep();
      }, everyMs).unref();
    },
    close: sleep,
  };
}
