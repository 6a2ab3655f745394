/**
 * Conditions that count time evenly while the wall clock is set.
 *
 * Whoever looks brings the wall clock's time, and wants times of it back. In between, a condition is
 * looked at by a time that is moved along with every leap: nothing has lasted an hour because a clock
 * was set by one, and nothing has to begin anew.
 */
import type { CreateConditionWatch } from "./contract.ts";

/** Less is what clocks are corrected by all the time. */
const LEAP_MS = 1000;

/** The same watches, over leaps of what `look` is given against `monotonicMs`. */
export function leapProof(
  create: CreateConditionWatch,
  monotonicMs: () => number,
): CreateConditionWatch {
  return (expression, reader, within) => {
    const watch = create(expression, reader, within);
    let offsetMs: number | undefined;
    /** How far the wall clock has leapt since the first look. */
    let leaptMs = 0;
    return {
      look(nowMs) {
        const offsetNowMs = nowMs - monotonicMs();
        offsetMs ??= offsetNowMs;
        if (Math.abs(offsetNowMs - offsetMs) > LEAP_MS) {
          leaptMs += Math.round(offsetNowMs - offsetMs);
          offsetMs = offsetNowMs;
        }
        const states = watch.look(nowMs - leaptMs);
        if (leaptMs === 0) return states;
        return states.map(({ sinceMs, firstTrueAtMs, ...state }) => ({
          ...state,
          sinceMs: sinceMs + leaptMs,
          firstTrueAtMs: firstTrueAtMs === undefined ? undefined : firstTrueAtMs + leaptMs,
        }));
      },
      clear: (subject) => watch.clear(subject),
    };
  };
}
