/** Slow start's clock: refreshes the weight of warming endpoints, and only while there are any. */
import type { SlowStartSettings } from "../snapshot/desired.ts";
import type { Clock, TimerHandle, Timers } from "./clock.ts";
import type { Member } from "./member.ts";

const SHORTEST_STEP_MS = 250;
const LONGEST_STEP_MS = 1000;
const STEPS = 40;

/** What the ramps need. */
export interface RampDeps {
  readonly clock: Clock;
  readonly timers: Timers;
  /** The member's weight is to be written anew. */
  step(member: Member): void;
  /** The member's window is over. It was stopped before. */
  done(member: Member): void;
}

/** The endpoints that are warming now. */
export interface Ramps {
  /** Begins a ramp that has been going on for `elapsedMs`; sets the member's `warmingFromMs`. */
  start(member: Member, settings: SlowStartSettings, elapsedMs: number): void;
  /** Ends a ramp; without effect where there is none. */
  stop(member: Member): void;
  close(): void;
}

/** How often a weight is refreshed: forty steps, each 250 ms to 1 s. */
export function rampStepMs(windowMs: number): number {
  return Math.min(LONGEST_STEP_MS, Math.max(SHORTEST_STEP_MS, windowMs / STEPS));
}

/** Starts empty, with no timer. */
export function createRamps(deps: RampDeps): Ramps {
  const timers = new Map<Member, TimerHandle>();
  const stop = (member: Member): void => {
    const timer = timers.get(member);
    if (timer !== undefined) deps.timers.clearTimeout(timer);
    timers.delete(member);
    member.warmingFromMs = undefined;
  };
  const wait = (member: Member, fromMs: number): void => {
    const windowMs = member.upstream.slowStart?.windowMs ?? 0;
    const leftMs = fromMs + windowMs - deps.clock.monotonicMs();
    const stepMs = Math.min(rampStepMs(windowMs), Math.max(0, leftMs));
    timers.set(
      member,
      deps.timers.setTimeout(() => {
        const over =
          deps.clock.monotonicMs() - fromMs >= (member.upstream.slowStart?.windowMs ?? 0);
        if (over) {
          stop(member);
          deps.done(member);
        } else {
          deps.step(member);
          wait(member, fromMs);
        }
      }, stepMs),
    );
  };
  return {
    start(member, settings, elapsedMs) {
      stop(member);
      const doneMs = Math.min(Math.max(0, elapsedMs), settings.windowMs);
      member.warmingFromMs = deps.clock.monotonicMs() - doneMs;
      wait(member, member.warmingFromMs);
    },
    stop,
    close() {
      timers.forEach((_timer, member) => stop(member));
    },
  };
}
