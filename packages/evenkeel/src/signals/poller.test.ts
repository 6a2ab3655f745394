import assert from "node:assert/strict";
import { test } from "node:test";
import { createFakeClock } from "../health/testing/fake-clock.ts";
import { createPoller } from "./poller.ts";

/** A poller whose questions end when the test says so, or at once. */
function scene(limits: { concurrency?: number; most?: number } = {}, held = false) {
  const clock = createFakeClock();
  const asked: string[] = [];
  const open: (() => void)[] = [];
  const poller = createPoller<string, string>({
    timers: clock,
    nowMs: () => clock.nowMs(),
    everyMs: () => 5000,
    concurrency: limits.concurrency ?? 2,
    most: limits.most ?? 10,
    forgetAfterMs: 12_000,
    async ask(order, before) {
      asked.push(order);
      if (held) await new Promise<void>((resolve) => open.push(resolve));
      return `${before ?? ""}${order}`;
    },
  });
  return { clock, asked, open, poller };
}

test("asks at once, and again after each interval", async () => {
  const { clock, asked, poller } = scene();
  assert.equal(poller.want("a", "x"), undefined);
  await clock.advance(0);
  assert.deepEqual(poller.want("a", "x"), { value: "x", atMs: clock.nowMs() });
  await clock.advance(4999);
  assert.equal(asked.length, 1);
  await clock.advance(1);
  assert.deepEqual(poller.want("a", "x"), { value: "xx", atMs: clock.nowMs() });
  await poller.close();
});

test("nobody wants it any more: it is forgotten", async () => {
  const { clock, asked, poller } = scene();
  poller.want("a", "x");
  await clock.advance(60_000);
  assert.equal(asked.length, 3);
  assert.equal(clock.pending(), 0);
  assert.equal(poller.want("a", "x"), undefined);
  await poller.close();
});

test("a few at a time, in order", async () => {
  const { clock, asked, open, poller } = scene({ concurrency: 2 }, true);
  for (const id of ["a", "b", "c"]) poller.want(id, id);
  await clock.advance(0);
  assert.deepEqual(asked, ["a", "b"]);
  open.shift()?.();
  await clock.advance(0);
  assert.deepEqual(asked, ["a", "b", "c"]);
  for (const end of open) end();
  await poller.close();
});

test("no more than there is room for", async () => {
  const { poller } = scene({ most: 2 });
  poller.want("a", "a");
  poller.want("b", "b");
  assert.equal(poller.want("c", "c"), "full");
  await poller.close();
});

test("close waits for what is under way, and leaves no timer", async () => {
  const { clock, open, poller } = scene({}, true);
  poller.want("a", "a");
  await clock.advance(0);
  let closed = false;
  const closing = poller.close().then(() => (closed = true));
  await clock.advance(0);
  assert.equal(closed, false);
  open.shift()?.();
  await closing;
  assert.equal(clock.pending(), 0);
  assert.equal(poller.want("b", "b"), "full");
});
