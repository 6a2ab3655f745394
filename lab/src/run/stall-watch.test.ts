import assert from "node:assert/strict";
import { test } from "node:test";

import { waitFor } from "../../../test/support/wait-for.ts";
import { StallWatch, worstWaitMs } from "./stall-watch.ts";

test("the worst wait is that of one thread between two readings", () => {
  const before = new Map([
    ["1", 5e6],
    ["2", 100e6],
    ["gone", 0],
  ]);
  const after = new Map([
    ["1", 30e6],
    ["2", 101e6],
    ["new", 700e6],
  ]);
  assert.equal(worstWaitMs(before, after), 25);
  assert.equal(worstWaitMs(after, after), 0);
  assert.equal(worstWaitMs(new Map(), new Map()), 0);
});

test("it watches processes, and one that is gone does no harm", async () => {
  let asked = 0;
  using watch = new StallWatch(() => {
    asked++;
    return [process.pid, 2 ** 22 + 1];
  });
  await waitFor("two readings", () => asked >= 3);
  assert.ok(watch.worstMs >= 0);
});
