import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ProbeResult } from "./probes/probe.ts";
import { checkDelayMs, createSchedule } from "./schedule.ts";
import { createFakeClock } from "./testing/fake-clock.ts";
import { someCheck } from "./testing/settings.ts";

const passed: ProbeResult = { verdict: "passed", tookMs: 1, detail: "ok" };

/** A schedule whose checks end when the test says so; aborting ends them too. */
function createRig(options: { concurrency?: number; delayMs?: number } = {}) {
  const clock = createFakeClock();
  const open = new Map<string, () => void>();
  const begun: string[] = [];
  const results: string[] = [];
  const aborted: string[] = [];
  const schedule = createSchedule<string>({
    clock,
    timers: clock,
    concurrency: options.concurrency ?? 64,
    check(key, signal) {
      begun.push(key);
      const { promise, resolve } = Promise.withResolvers<ProbeResult>();
      open.set(key, () => {
        open.delete(key);
        resolve(passed);
      });
      signal.addEventListener("abort", () => {
        aborted.push(key);
        open.get(key)!();
      });
      return promise;
    },
    onResult: (key) => results.push(key),
    delayMs: () => options.delayMs ?? 5000,
  });
  const finish = (key: string): Promise<void> => {
    open.get(key)!();
    return clock.advance(0);
  };
  return { clock, schedule, begun, results, aborted, open, finish };
}

describe("the schedule", () => {
  test("checks at once, then an interval after the start of the last", async () => {
    const { clock, schedule, begun, results, finish } = createRig();
    schedule.start("a");
    assert.deepEqual(begun, ["a"]);
    await clock.advance(2000);
    await finish("a");
    assert.deepEqual(results, ["a"]);
    await clock.advance(2999);
    assert.equal(begun.length, 1);
    await clock.advance(1);
    assert.equal(begun.length, 2);
    await schedule.close();
  });

  test("never checks an endpoint twice at a time, however long a check takes", async () => {
    const { clock, schedule, begun, finish } = createRig();
    schedule.start("a");
    await clock.advance(60_000);
    assert.equal(begun.length, 1);
    await finish("a");
    await clock.advance(0);
    assert.equal(begun.length, 2, "an overdue check starts as soon as the last one is over");
    await schedule.close();
  });

  test("keeps to its bound and serves the rest in order", async () => {
    const { schedule, begun, finish } = createRig({ concurrency: 2 });
    for (const key of ["a", "b", "c", "d"]) schedule.start(key);
    assert.deepEqual([begun, schedule.running()], [["a", "b"], 2]);
    await finish("b");
    assert.deepEqual([begun, schedule.running()], [["a", "b", "c"], 2]);
    await finish("a");
    assert.deepEqual(begun, ["a", "b", "c", "d"]);
    await schedule.close();
  });

  test("a stopped endpoint's check is cancelled and its result dropped", async () => {
    const { clock, schedule, aborted, results } = createRig();
    schedule.start("a");
    schedule.stop("a");
    await clock.advance(60_000);
    assert.deepEqual([aborted, results, clock.pending()], [["a"], [], 0]);
  });

  test("a stopped endpoint leaves the queue", async () => {
    const { schedule, begun, finish } = createRig({ concurrency: 1 });
    for (const key of ["a", "b", "c"]) schedule.start(key);
    schedule.stop("b");
    await finish("a");
    assert.deepEqual(begun, ["a", "c"]);
    await schedule.close();
  });

  test("starting again cancels what runs and checks at once", async () => {
    const { clock, schedule, begun, aborted, results } = createRig();
    schedule.start("a");
    schedule.start("a");
    await clock.advance(0);
    assert.deepEqual([begun, aborted, results], [["a", "a"], ["a"], []]);
    await schedule.close();
  });

  test("an endpoint stopped by its own result is not checked again", async () => {
    const clock = createFakeClock();
    const schedule = createSchedule<string>({
      clock,
      timers: clock,
      concurrency: 1,
      check: () => Promise.resolve(passed),
      onResult: (key) => schedule.stop(key),
      delayMs: () => 5000,
    });
    schedule.start("a");
    await clock.advance(0);
    assert.equal(clock.pending(), 0);
    await schedule.close();
  });

  test("closing cancels all and leaves no timer", async () => {
    const { clock, schedule, aborted, finish } = createRig({ concurrency: 2 });
    for (const key of ["a", "b", "c"]) schedule.start(key);
    await finish("a");
    await schedule.close();
    assert.deepEqual(aborted.toSorted(), ["b", "c"]);
    assert.deepEqual([schedule.running(), clock.pending()], [0, 0]);
  });

  test("supervises ten thousand endpoints within its bound", async () => {
    const clock = createFakeClock();
    let most = 0;
    const checked = new Set<number>();
    const schedule = createSchedule<number>({
      clock,
      timers: clock,
      concurrency: 64,
      check: () => {
        most = Math.max(most, schedule?.running() ?? 0);
        return Promise.resolve(passed);
      },
      onResult: (key) => checked.add(key),
      delayMs: () => 60_000,
    });
    for (let key = 0; key < 10_000; key++) schedule.start(key);
    for (let turns = 0; turns < 1000 && checked.size < 10_000; turns++) await clock.advance(0);
    assert.equal(checked.size, 10_000);
    assert.ok(most <= 64, `${most} at a time`);
    assert.equal(clock.pending(), 10_000);
    await schedule.close();
    assert.equal(clock.pending(), 0);
  });
});

describe("the time to the next check", () => {
  const jittered = { ...someCheck, jitterPercent: 10 };
  const cases = [
    { name: "steady", settings: someCheck, counting: false, random: 0.9, expected: 5000 },
    { name: "counting", settings: someCheck, counting: true, random: 0.9, expected: 1000 },
    { name: "earliest", settings: jittered, counting: false, random: 0, expected: 4500 },
    { name: "middle", settings: jittered, counting: false, random: 0.5, expected: 5000 },
    { name: "latest", settings: jittered, counting: false, random: 1, expected: 5500 },
    {
      name: "jitter of the fast interval",
      settings: jittered,
      counting: true,
      random: 0,
      expected: 900,
    },
  ];
  for (const { name, settings, counting, random, expected } of cases) {
    test(name, () =>
      assert.equal(
        checkDelayMs(settings, counting, () => random),
        expected,
      ),
    );
  }
});
