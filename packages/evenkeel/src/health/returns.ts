/** The clock of ejections: one timer per ejected endpoint. */
import type { TimerHandle, Timers } from "./clock.ts";
import type { Member } from "./member.ts";

/** The longest that a signal may keep an endpoint out at once. */
export const LONGEST_BY_SIGNAL_MS = 3_600_000;

/** The times out that are running now. */
export interface Returns {
  /** Ends the member's time out after `delayMs`, at most its upstream's longest (where a signal asked
   * for it: an hour): a wall clock that was set back over a restart must not keep anything out for
   * longer. */
  start(member: Member, delayMs: number): void;
  /** Without effect where none is running. */
  stop(member: Member): void;
  close(): void;
}

/** Starts with none; `over` is called when a time out has ended. */
export function createReturns(timers: Timers, over: (member: Member) => void): Returns {
  const running = new Map<Member, TimerHandle>();
  const stop = (member: Member): void => {
    timers.clearTimeout(running.get(member));
    running.delete(member);
  };
  return {
    start(member, delayMs) {
      stop(member);
      const end = (): void => {
        running.delete(member);
        over(member);
      };
      const bySignal = member.state.ejection?.by === "signal";
      const longestMs = bySignal ? LONGEST_BY_SIGNAL_MS : member.upstream.ejection.maxMs;
      running.set(member, timers.setTimeout(end, Math.min(Math.max(0, delayMs), longestMs)));
    },
    stop,
    close() {
      running.forEach((_timer, member) => stop(member));
    },
  };
}
