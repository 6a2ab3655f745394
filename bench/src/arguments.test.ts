import assert from "node:assert/strict";
import { test } from "node:test";

import { parseArguments } from "./arguments.ts";

test("figures and numbers are read", () => {
  const asked = parseArguments(["cpu", "large", "--seconds", "3", "--rounds", "2"]);
  assert.deepEqual([asked.figures, asked.seconds, asked.rounds], [["cpu", "large"], 3, 2]);
});

test("quick shortens what isn't said otherwise", () => {
  const asked = parseArguments(["--quick", "--rounds", "4"]);
  assert.deepEqual([asked.seconds, asked.rounds], [2, 4]);
});

for (const argv of [["--seconds", "0"], ["--rounds", "x"], ["--seconds", "1.5"], ["--unknown"]]) {
  test(`${argv.join(" ")} is refused`, () => assert.throws(() => parseArguments(argv)));
}
