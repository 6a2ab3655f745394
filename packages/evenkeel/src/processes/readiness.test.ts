import assert from "node:assert/strict";
import { test } from "node:test";
import { createFakeClock } from "../health/testing/fake-clock.ts";
import { askUntilReady } from "./readiness.ts";
import { servingSettings } from "./testing/settings.ts";

function ask(answers: readonly boolean[], tookMs = 0) {
  const clock = createFakeClock();
  const asked: number[] = [];
  const heard: string[] = [];
  const { ready, host } = servingSettings();
  assert.ok(ready.kind === "probe");
  const end = askUntilReady(
    {
      clock,
      timers: clock,
      async probe(request, signal) {
        assert.deepEqual([request.host, request.port], ["127.0.0.1", 9001]);
        const passes = answers[asked.length] ?? false;
        asked.push(clock.monotonicMs() - 1000);
        if (tookMs > 0) {
          await new Promise((resolve) => {
            clock.setTimeout(() => resolve(undefined), tookMs);
            signal.addEventListener("abort", resolve);
          });
        }
        return { verdict: passes ? "passed" : "failed", detail: `answer ${asked.length}` };
      },
    },
    { ready, host, port: 9001 },
    {
      passed: (detail) => void heard.push(`passed ${detail}`),
      failed: (detail) => void heard.push(detail),
    },
  );
  return { clock, asked, heard, end };
}

test("asks at once and at the interval until it passes, and not again", async () => {
  const { clock, asked, heard } = ask([false, false, true]);
  await clock.advance(1000);
  assert.deepEqual(asked, [0, 100, 200]);
  assert.deepEqual(heard, ["answer 1", "answer 2", "passed answer 3"]);
  assert.equal(clock.pending(), 0);
});

test("the interval counts from one question to the next", async () => {
  const { clock, asked } = ask([], 60);
  await clock.advance(250);
  assert.deepEqual(asked, [0, 100, 200]);
});

test("says nothing once it is ended", async () => {
  const { clock, heard, end } = ask([true], 60);
  await clock.advance(10);
  end();
  await clock.advance(1000);
  assert.deepEqual(heard, []);
});
