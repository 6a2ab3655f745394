import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { startOrder, stopWaves } from "./start-order.ts";

const of = (name: string, priority = 999, dependsOn: readonly string[] = []) => ({
  name,
  priority,
  dependsOn,
});

const cases: readonly [
  name: string,
  processes: readonly ReturnType<typeof of>[],
  start: string,
  stop: string,
][] = [
  ["nothing", [], "", ""],
  ["the order of the file", [of("b"), of("a")], "b a", "b+a"],
  ["priorities", [of("b", 2), of("a", 1), of("c", 2)], "a b c", "b+c a"],
  ["needs", [of("b", 1, ["a"]), of("a", 2)], "a b", "b a"],
  [
    "a chain and a bystander",
    [of("c", 1, ["b"]), of("b", 1, ["a"]), of("a"), of("x", 5)],
    "x a b c",
    "x c b a",
  ],
  ["somebody unknown", [of("a", 1, ["nobody"])], "a", "a"],
  ["a circle", [of("a", 1, ["b"]), of("b", 1, ["a"])], "a b", "a+b"],
];

describe("order of", () => {
  for (const [name, processes, start, stop] of cases) {
    test(name, () => {
      const names = (some: readonly { name: string }[]) => some.map((one) => one.name);
      assert.equal(names(startOrder(processes)).join(" "), start);
      assert.equal(
        stopWaves(processes)
          .map((wave) => names(wave).join("+"))
          .join(" "),
        stop,
      );
    });
  }
});
