import assert from "node:assert/strict";
import { test } from "node:test";
import { rampStepMs } from "./ramps.ts";

test("a ramp has forty steps, none shorter than 250 ms or longer than 1 s", () => {
  assert.deepEqual(
    [100, 10_000, 20_000, 40_000, 600_000].map(rampStepMs),
    [250, 250, 500, 1000, 1000],
  );
});
