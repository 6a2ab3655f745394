import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { cleanSlate, judgeEnd, type RestartMemory } from "./restart-policy.ts";
import { restartSettings } from "./testing/settings.ts";

const dead = { code: 1, readyForMs: 0 };

/** What is decided at each of these times, the same end each time. */
function follow(
  settings: ReturnType<typeof restartSettings>,
  times: readonly number[],
  end = dead,
  random = 0,
): string[] {
  let memory: RestartMemory = cleanSlate;
  return times.map((nowMs) => {
    const verdict = judgeEnd(settings, memory, end, nowMs, random);
    ({ memory } = verdict);
    if (verdict.kind === "leave") return "leave";
    if (verdict.kind === "again") return String(verdict.delayMs);
    return `${verdict.entered ? "loop" : "still"} ${verdict.delayMs ?? "never"}`;
  });
}

describe("restarts", () => {
  test("wait for the delays in turn, the last one repeats", () =>
    assert.deepEqual(
      follow(restartSettings({ limit: undefined, delaysMs: [0, 5, 9] }), [1, 2, 3, 4, 5]),
      ["0", "5", "9", "9", "9"],
    ));

  test("jitter lengthens", () =>
    assert.deepEqual(follow(restartSettings({ jitterPercent: 50 }), [1], dead, 0.5), ["1250"]));

  test("one more than the limit within the window is a crash loop, told once", () =>
    assert.deepEqual(follow(restartSettings(), [1, 2, 3, 4, 5, 90_000]), [
      "1000",
      "2000",
      "2000",
      "loop 30000",
      "still 30000",
      "still 30000",
    ]));

  test("who dies right after becoming ready is in a crash loop all the same", () =>
    assert.deepEqual(
      follow(restartSettings(), [1, 2, 3, 4], { code: 0, readyForMs: 9999 }).at(-1),
      "loop 30000",
    ));

  test("what is older than the window does not count", () =>
    assert.deepEqual(follow(restartSettings(), [1, 30_001, 60_002, 90_003]).at(-1), "2000"));

  test("a crash loop may be the end", () =>
    assert.deepEqual(
      // oxlint-disable-next-line no-thenable -- a word, not a function
      follow(restartSettings({ then: "stop" }), [1, 2, 3, 4]).at(-1),
      "loop never",
    ));

  test("who stayed up long enough starts anew", () => {
    const memory = { row: 7, recent: [1, 2, 3], looping: true };
    const verdict = judgeEnd(restartSettings(), memory, { code: 1, readyForMs: 10_000 }, 9, 0);
    assert.deepEqual(verdict, {
      kind: "again",
      delayMs: 1000,
      memory: { row: 1, recent: [9], looping: false },
    });
  });

  const policies: readonly [
    policy: "always" | "unexpected" | "never",
    code: number | undefined,
    restarted: boolean,
  ][] = [
    ["always", 0, true],
    ["always", undefined, true],
    ["unexpected", 0, false],
    ["unexpected", 2, false],
    ["unexpected", 1, true],
    ["unexpected", undefined, true],
    ["never", 1, false],
    ["never", undefined, false],
  ];
  for (const [policy, code, restarted] of policies) {
    test(`${policy}, exit ${code ?? "by a signal"}: ${restarted ? "again" : "left alone"}`, () => {
      const settings = restartSettings({ policy, expectedExitCodes: [0, 2] });
      const { kind } = judgeEnd(settings, cleanSlate, { code, readyForMs: 0 }, 1, 0);
      assert.equal(kind, restarted ? "again" : "leave");
    });
  }

  test("never more restarts within a window than the limit, but for slow ones", () =>
    fc.assert(
      fc.property(
        fc.array(fc.nat(20_000), { maxLength: 60 }),
        fc.integer({ min: 1, max: 6 }),
        (gaps, count) => {
          const limit = { count, windowMs: 60_000 };
          const settings = restartSettings({ limit });
          let memory: RestartMemory = cleanSlate;
          let nowMs = 0;
          const quick: number[] = [];
          for (const gap of gaps) {
            nowMs += gap;
            const verdict = judgeEnd(settings, memory, dead, nowMs, 0);
            ({ memory } = verdict);
            if (verdict.kind === "again") quick.push(nowMs);
            assert.ok(memory.recent.length <= count);
            assert.ok(quick.filter((atMs) => atMs > nowMs - limit.windowMs).length <= count);
          }
        },
      ),
    ));
});
