import { test } from "node:test";
import assert from "node:assert/strict";
import { createThrottle } from "./throttle.ts";

test("many calls within the gap are one run, and the next call starts another", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  let runs = 0;
  const throttle = createThrottle(() => runs++, 100);
  for (let call = 0; call < 50; call++) throttle.call();
  assert.equal(runs, 0);
  t.mock.timers.tick(100);
  assert.equal(runs, 1);
  t.mock.timers.tick(1000);
  assert.equal(runs, 1);
  throttle.call();
  t.mock.timers.tick(100);
  assert.equal(runs, 2);
});

test("a flush runs what is due at once, and only that", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  let runs = 0;
  const throttle = createThrottle(() => runs++, 100);
  throttle.flush();
  assert.equal(runs, 0);
  throttle.call();
  throttle.flush();
  t.mock.timers.tick(1000);
  assert.equal(runs, 1);
});

test("what was called off does not run, and the next call starts another", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  let runs = 0;
  const throttle = createThrottle(() => runs++, 100);
  throttle.call();
  throttle.cancel();
  t.mock.timers.tick(1000);
  assert.equal(runs, 0);
  throttle.call();
  t.mock.timers.tick(100);
  assert.equal(runs, 1);
});
