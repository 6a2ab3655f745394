/**
 * One coarse clock wheel for all timeouts of a proxy (Varghese and Lauck, 1987), made for timers
 * that are set again on every read and hardly ever fire: setting one that is already on the wheel
 * only stores a number; the wheel finds out when it comes by.
 */

import type { Clock } from "./clock.ts";

/** Fine enough for timeouts. */
const USUAL_TICK_MS = 20;
const SLOTS = 512;

/** One timeout of its owner: set any number of times, at most one at once. */
export interface Timer {
  /** Fires once, between `ms` and two ticks later (40 ms with the usual tick), unless set again or cleared before. */
  set(ms: number): void;
  /** Leaves the timer ready to be set again; cheap, since it stays on the wheel until passed by. */
  clear(): void;
  /** Clears the timer and takes it off the wheel, so that nothing holds its owner any longer. */
  end(): void;
}

/** A wheel of any number of timers. */
export interface TimerWheel {
  /** A timer that is not set. Costs nothing until it is. */
  timer(fire: () => void): Timer;
  /** Ends the wheel; nothing fires any more. */
  close(): void;
}

const NEVER = Number.POSITIVE_INFINITY;

/** A wheel over a clock, which it also ticks. `unref`ed: it keeps no process alive. `tickMs` is how
 * often it turns while something is on it. */
export function createTimerWheel(clock: Clock, tickMs: number = USUAL_TICK_MS): TimerWheel {
  const slots: WheelTimer[][] = Array.from({ length: SLOTS }, () => []);
  let position = Math.floor(clock.nowMs / tickMs);
  let entries = 0;
  let ticking: NodeJS.Timeout | undefined;

  function insert(timer: WheelTimer): void {
    if (ticking === undefined) {
      position = Math.max(position, Math.floor(clock.nowMs / tickMs) - 1);
      ticking = setInterval(advance, tickMs).unref();
    }
    // Never into the slot being emptied now: at the earliest the next one.
    timer.tick = Math.max(Math.ceil(timer.deadline / tickMs), position + 1);
    const slot = slots[timer.tick % SLOTS]!;
    timer.index = slot.push(timer) - 1;
    entries++;
  }

  function remove(timer: WheelTimer): void {
    const slot = slots[timer.tick % SLOTS]!;
    const last = slot.pop()!;
    if (last !== timer) {
      slot[timer.index] = last;
      last.index = timer.index;
    }
    timer.tick = 0;
    entries--;
  }

  function advance(): void {
    clock.tick();
    const time = clock.nowMs;
    const end = Math.floor(time / tickMs);
    // After a long pause once around is enough: every slot was seen.
    if (end - position > SLOTS) position = end - SLOTS;
    while (position < end) {
      position++;
      visit(position % SLOTS, time);
    }
    if (entries === 0 && ticking !== undefined) {
      clearInterval(ticking);
      ticking = undefined;
    }
  }

  function visit(slot: number, time: number): void {
    const due = slots[slot]!;
    if (due.length === 0) return;
    slots[slot] = [];
    entries -= due.length;
    for (const timer of due) timer.tick = 0;
    for (const timer of due) {
      // Set again by one that fired before it: it is back on the wheel.
      if (timer.deadline === NEVER || timer.tick !== 0) continue;
      if (timer.deadline > time) insert(timer);
      else {
        timer.deadline = NEVER;
        timer.fire();
      }
    }
  }

  class WheelTimer implements Timer {
    deadline = NEVER;
    /** The tick whose slot holds it, and where in there; tick 0 while off the wheel. */
    tick = 0;
    index = 0;
    readonly fire: () => void;

    constructor(fire: () => void) {
      this.fire = fire;
    }

    set(ms: number): void {
      this.deadline = clock.nowMs + ms;
      if (this.tick === 0) insert(this);
      else if (this.deadline < (this.tick - 1) * tickMs) {
        // Earlier than the wheel would come by.
        remove(this);
        insert(this);
      }
    }

    clear(): void {
      this.deadline = NEVER;
    }

    end(): void {
      this.deadline = NEVER;
      if (this.tick !== 0) remove(this);
    }
  }

  return {
    timer: (fire) => new WheelTimer(fire),
    close(): void {
      clearInterval(ticking);
      ticking = undefined;
      for (const slot of slots) slot.length = 0;
      entries = 0;
    },
  };
}
