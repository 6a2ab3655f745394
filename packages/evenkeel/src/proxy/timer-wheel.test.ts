import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, mock, test } from "node:test";

import * as fc from "fast-check";

import { createClock } from "./clock.ts";
import { createTimerWheel, type TimerWheel } from "./timer-wheel.ts";

const TICK_MS = 20;

describe("a timer on the wheel", () => {
  let nowMs = 0;
  let wheel: TimerWheel;
  const clock = createClock(() => nowMs);

  /** Lets time pass as the event loop would see it, `stepMs` between two looks. */
  function pass(ms: number, stepMs = TICK_MS): void {
    for (const end = nowMs + ms; nowMs < end;) {
      const step = Math.min(stepMs, end - nowMs);
      nowMs += step;
      clock.tick();
      mock.timers.tick(step);
    }
  }

  beforeEach(() => {
    mock.timers.enable({ apis: ["setInterval"] });
    nowMs = 1_000_003;
    clock.tick();
    wheel = createTimerWheel(clock);
  });
  afterEach(() => {
    wheel.close();
    mock.timers.reset();
  });

  for (const ms of [1, 19, 20, 21, 100, 10_239, 10_240, 10_241, 60_000]) {
    test(`fires once, between ${ms} ms and two ticks later`, () => {
      let fired = 0;
      wheel.timer(() => fired++).set(ms);
      pass(ms - 1, 1);
      assert.equal(fired, 0);
      pass(2 * TICK_MS + 1);
      assert.equal(fired, 1);
      pass(30_000);
      assert.equal(fired, 1);
    });
  }

  test("does not fire once it is cleared or ended", () => {
    let fired = 0;
    const cleared = wheel.timer(() => fired++);
    const ended = wheel.timer(() => fired++);
    for (const timer of [cleared, ended]) timer.set(50);
    cleared.clear();
    ended.end();
    pass(200);
    assert.equal(fired, 0);
    for (const timer of [cleared, ended]) timer.set(50);
    pass(100);
    assert.equal(fired, 2);
  });

  test("goes by the last setting, later or earlier", () => {
    const fired: string[] = [];
    const later = wheel.timer(() => fired.push("later"));
    const earlier = wheel.timer(() => fired.push("earlier"));
    later.set(100);
    earlier.set(5_000);
    later.set(1_000);
    earlier.set(100);
    pass(200);
    assert.deepEqual(fired, ["earlier"]);
    pass(1_000);
    assert.deepEqual(fired, ["earlier", "later"]);
  });

  test("may be set, cleared or ended by another that fires at the same time", () => {
    const fired: string[] = [];
    const first = wheel.timer(() => {
      fired.push("first");
      cleared.clear();
      ended.end();
      again.set(300);
      first.set(100);
    });
    const cleared = wheel.timer(() => fired.push("cleared"));
    const ended = wheel.timer(() => fired.push("ended"));
    const again = wheel.timer(() => fired.push("again"));
    for (const timer of [first, cleared, ended, again]) timer.set(50);
    pass(100);
    assert.deepEqual(fired, ["first"]);
    first.end();
    pass(400);
    assert.deepEqual(fired, ["first", "again"]);
  });

  test("is found after a pause of the event loop longer than the wheel", () => {
    let fired = 0;
    wheel.timer(() => fired++).set(500);
    wheel.timer(() => fired++).set(15_000);
    nowMs += 20_000;
    mock.timers.tick(TICK_MS);
    assert.equal(fired, 2);
  });

  test("behaves as a plain list of deadlines would, whatever is done", () => {
    const step = fc.record({
      timer: fc.nat({ max: 5 }),
      act: fc.constantFrom("set", "clear", "end"),
      ms: fc.integer({ min: 1, max: 12_000 }),
      pass: fc.integer({ min: 0, max: 900 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const deadlines: (number | undefined)[] = Array.from({ length: 6 });
        const timers = deadlines.map((_, index) =>
          wheel.timer(() => {
            const deadline = deadlines[index];
            assert.ok(deadline !== undefined, "fired without being set");
            assert.ok(nowMs >= deadline, "fired too early");
            deadlines[index] = undefined;
          }),
        );
        for (const { timer, act, ms, pass: passMs } of steps) {
          if (act === "set") timers[timer]!.set(ms);
          else timers[timer]![act]();
          deadlines[timer] = act === "set" ? nowMs + ms : undefined;
          pass(passMs);
          for (const deadline of deadlines) {
            assert.ok(deadline === undefined || deadline > nowMs - 2 * TICK_MS, "fired too late");
          }
        }
        for (const timer of timers) timer.end();
      }),
      { numRuns: 100 },
    );
  });
});
