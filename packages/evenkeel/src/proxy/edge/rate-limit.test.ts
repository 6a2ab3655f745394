import * as fc from "fast-check";
import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, test } from "node:test";
import { Worker } from "node:worker_threads";

import {
  createRateLimiter,
  monotonicMs,
  rateLimitBytes,
  type RateLimitSettings,
  retryAfterSeconds,
} from "./rate-limit.ts";

function limiter(settings: Partial<RateLimitSettings> = {}) {
  const all = { perSecond: 10, burst: 5, maxKeys: 1_000, ...settings };
  return createRateLimiter(all, new ArrayBuffer(rateLimitBytes(all.maxKeys)), () => 0.5);
}

/** How many of `tries` at once are let through. */
function passed(
  limit: ReturnType<typeof limiter>,
  key: string,
  nowMs: number,
  tries = 100,
): number {
  let count = 0;
  for (let index = 0; index < tries; index++) {
    if (limit.take(key, nowMs) === 0) count++;
  }
  return count;
}

describe("a bucket", () => {
  test("holds the burst, and refills at the rate", () => {
    const limit = limiter();
    assert.equal(passed(limit, "a", 1_000), 5);
    assert.equal(passed(limit, "a", 1_099), 0);
    assert.equal(passed(limit, "a", 1_100), 1);
    assert.equal(passed(limit, "a", 1_400), 3);
    assert.equal(passed(limit, "a", 999_999), 5);
  });

  test("tells how long to wait, exactly", () => {
    const limit = limiter({ perSecond: 4, burst: 1 });
    assert.equal(limit.take("a", 0), 0);
    assert.equal(limit.take("a", 0), 250);
    assert.equal(limit.take("a", 200), 50);
    assert.equal(limit.take("a", 250), 0);
  });

  test("is not emptied further by those it refuses", () => {
    const limit = limiter({ perSecond: 1, burst: 1 });
    limit.take("a", 0);
    assert.equal(passed(limit, "a", 500, 50), 0);
    assert.equal(limit.take("a", 1_000), 0);
  });

  test("belongs to one key", () => {
    const limit = limiter();
    assert.equal(passed(limit, "a", 0), 5);
    assert.equal(passed(limit, "b", 0), 5);
    assert.equal(passed(limit, "", 0), 5);
  });

  test("of a burst below one still holds a token", () => {
    assert.equal(passed(limiter({ burst: 0 }), "a", 0), 1);
  });

  test("of less than one a second works over minutes", () => {
    const limit = limiter({ perSecond: 1 / 60, burst: 1 });
    assert.deepEqual([limit.take("a", 5), limit.take("a", 5)], [0, 60_000]);
    assert.equal(limit.take("a", 60_005), 0);
  });

  test("gives, over any times, what a counted bucket gives", () => {
    const steps = fc.array(fc.nat(400), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(
        steps,
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 8 }),
        (pauses, tenths, burst) => {
          const perSecond = tenths;
          const limit = limiter({ perSecond, burst });
          // In thousandths of a token, so that the reference is exact.
          let tokens = burst * 1_000;
          let nowMs = 0;
          for (const pause of pauses) {
            nowMs += pause;
            tokens = Math.min(burst * 1_000, tokens + pause * perSecond);
            const isOpen = tokens >= 1_000;
            if (isOpen) tokens -= 1_000;
            assert.equal(limit.take("k", nowMs) === 0, isOpen, `at ${nowMs}`);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("the table", () => {
  test("stays within its memory however many keys come", () => {
    assert.equal(rateLimitBytes(1_000), 4 * 4 + 63 * (2 + 16 * 4) * 4);
    const limit = limiter({ maxKeys: 100 });
    for (let index = 0; index < 50_000; index++) assert.equal(limit.take(`key ${index}`, index), 0);
  });

  test("does not forget whom it holds back when others flood it", () => {
    const limit = limiter({ perSecond: 1, burst: 20, maxKeys: 16 });
    assert.equal(passed(limit, "greedy", 0), 20);
    for (let index = 0; index < 1_000; index++) limit.take(`flood ${index}`, index / 10);
    assert.equal(passed(limit, "greedy", 100), 0);
  });

  test("forgets the bucket nearest to full first", () => {
    const limit = limiter({ perSecond: 1, burst: 4, maxKeys: 16 });
    for (let index = 0; index < 16; index++) passed(limit, `k${index}`, 0, index === 3 ? 1 : 2);
    limit.take("new", 0);
    assert.equal(passed(limit, "k0", 0), 2);
    assert.equal(passed(limit, "k3", 0), 4);
  });

  test("keeps as many active keys as it was made for, but for few", () => {
    const maxKeys = 4_096;
    const limit = limiter({ perSecond: 0.001, burst: 1, maxKeys });
    const keys = Array.from(
      { length: maxKeys / 2 },
      (_, index) => `10.0.${index >> 8}.${index & 255}`,
    );
    for (const key of keys) limit.take(key, 0);
    const forgotten = keys.filter((key) => limit.take(key, 1) === 0).length;
    assert.ok(forgotten < keys.length / 100, `${forgotten} were forgotten`);
  });

  test("is one for all that share its memory", () => {
    const settings = { perSecond: 1, burst: 3, maxKeys: 10 };
    const memory = new SharedArrayBuffer(rateLimitBytes(10));
    const one = createRateLimiter(settings, memory, () => 0.1);
    const other = createRateLimiter(settings, memory, () => 0.9);
    assert.deepEqual(
      [one, other, one, other].map((limit) => limit.take("a", 0) === 0),
      [true, true, true, false],
    );
  });

  test("a lock left behind by a dead thread is taken over", () => {
    const memory = new SharedArrayBuffer(rateLimitBytes(1));
    const limit = createRateLimiter({ perSecond: 1, burst: 1, maxKeys: 1 }, memory, () => 0.5);
    // The first set's lock word stands behind the head.
    Atomics.store(new Int32Array(memory), 4, 1);
    assert.equal(limit.take("a", 0), 0);
    assert.ok(limit.take("a", 0) > 0);
  });
});

test(
  "two threads that hammer the same keys get exactly the burst",
  { timeout: 10_000 },
  async () => {
    const settings = { perSecond: 0.001, burst: 100_000, maxKeys: 32 };
    const memory = new SharedArrayBuffer(rateLimitBytes(32));
    const gate = new SharedArrayBuffer(4);
    const source = `
    import { parentPort, workerData } from "node:worker_threads";
    const { createRateLimiter } = await import(workerData.module);
    const limit = createRateLimiter(workerData.settings, workerData.memory, Math.random);
    const gate = new Int32Array(workerData.gate);
    Atomics.add(gate, 0, 1);
    while (Atomics.load(gate, 0) < 2);
    const passed = [0, 0];
    for (let n = 0; n < 100_000; n++) {
      for (let key = 0; key < 2; key++) if (limit.take("key" + key, 1) === 0) passed[key]++;
    }
    parentPort.postMessage(passed);
  `;
    const workerData = { settings, memory, gate, module: import.meta.resolve("./rate-limit.ts") };
    const url = new URL(`data:text/javascript,${encodeURIComponent(source)}`);
    const workers = [1, 2].map(() => new Worker(url, { workerData }));
    const results = await Promise.all(workers.map((worker) => once(worker, "message")));
    const totals = [0, 1].map((key) => results.reduce((sum, [counts]) => sum + counts[key], 0));
    assert.deepEqual(totals, [100_000, 100_000]);
    // Else nothing was shared: one thread was done before the other began.
    assert.ok(results.every(([counts]) => counts[0] > 0));
  },
);

test("a wait is told in whole seconds, at least one", () => {
  assert.deepEqual([0.001, 999, 1_000, 1_001, 61_000].map(retryAfterSeconds), [1, 1, 1, 2, 61]);
});

test("the steady clock goes on in milliseconds", () => {
  const before = monotonicMs();
  assert.ok(before > 0);
  assert.ok(monotonicMs() - before < 1_000);
  assert.ok(monotonicMs() >= before);
});
