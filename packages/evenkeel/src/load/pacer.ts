/**
 * Calls at the right moment. Timers are no finer than a millisecond, so they are used only where the
 * moment is further away; nearer than that, the thread dozes for some 50 microseconds (the system
 * makes about 120 of them) between looks at its sockets, or polls without a pause.
 */
import type { Clock } from "./clock.ts";

/** Does what is due; returns when it wants to be called next, infinity for not any more. */
export type PacedWork = (nowMs: number) => number;

export interface Pacer {
  /** Calls the work now and then whenever it asks for. */
  start(work: PacedWork): void;
  /** Forgets the work. */
  stop(): void;
  /** Milliseconds since the last call in which a polling pacer found nothing to do; 0 for one that
   * dozes. */
  takeSpareMs(): number;
}

/** A wait as long as this is left to a timer. */
const timerFromMs = 2;
const dozeMs = 0.05;

/** `polling` never dozes: it is exact to some ten microseconds and uses the whole processor.
 * `activity` is a number that changes whenever something else was done between two calls. */
export function createPacer(clock: Clock, polling: boolean, activity: () => number): Pacer {
  const cell = new Int32Array(new SharedArrayBuffer(4));
  let work: PacedWork | undefined;
  let timer: NodeJS.Timeout | undefined;
  let immediate: NodeJS.Immediate | undefined;
  let spareMs = 0;
  let calledAtMs = 0;
  let wasIdle = false;
  let activityBefore = 0;

  const loop = (): void => {
    if (!work) return;
    const nowMs = clock();
    const active = activity();
    if (wasIdle && active === activityBefore) spareMs += nowMs - calledAtMs;
    calledAtMs = nowMs;
    const nextMs = work(nowMs);
    const waitMs = nextMs - clock();
    // Whoever sent something was not idle.
    wasIdle = polling && nextMs > nowMs && activity() === active;
    activityBefore = active;
    if (nextMs === Number.POSITIVE_INFINITY) return;
    if (waitMs >= timerFromMs && !polling) {
      // A timer may be late by one millisecond, not early by more than its rounding.
      timer = setTimeout(loop, Math.floor(waitMs) - 1);
      return;
    }
    if (waitMs > 0 && !polling) Atomics.wait(cell, 0, 0, Math.min(waitMs, dozeMs));
    immediate = setImmediate(loop);
  };

  const stop = (): void => {
    work = undefined;
    wasIdle = false;
    clearTimeout(timer);
    clearImmediate(immediate);
  };

  return {
    start(next) {
      stop();
      work = next;
      loop();
    },
    stop,
    takeSpareMs() {
      const taken = spareMs;
      spareMs = 0;
      return taken;
    },
  };
}
