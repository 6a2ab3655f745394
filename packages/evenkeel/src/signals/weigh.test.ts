import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import type { Truth } from "../expression/expression.ts";
import { type Opinion, weigh } from "./weigh.ts";

const says = (truth: Truth, changes: Partial<Opinion> = {}): Opinion => ({
  truth,
  judged: true,
  percent: 25,
  stepPercent: 5,
  explanation: "p99 is high",
  ...changes,
});

describe("the share of the weight", () => {
  const cases: [name: string, current: number, opinions: Opinion[], after: number | undefined][] = [
    ["falls at once", 100, [says("true")], 25],
    ["stays while it holds", 25, [says("true")], undefined],
    [
      "the lowest of those that hold counts",
      100,
      [says("true"), says("true", { percent: 10 })],
      10,
    ],
    ["comes back step by step", 25, [says("false")], 30],
    ["comes back to the whole, not beyond", 98, [says("false")], 100],
    ["stays whole", 100, [says("false")], undefined],
    ["too few requests lower nothing", 100, [says("true", { judged: false })], undefined],
    ["too few requests let it come back", 25, [says("true", { judged: false })], 30],
    ["no requests at all let it come back", 25, [says("unknown", { judged: false })], 30],
    ["unknown lowers nothing", 100, [says("unknown")], undefined],
    ["unknown lets nothing come back", 25, [says("unknown")], undefined],
    [
      "comes back up to the rule that holds",
      10,
      [says("true"), says("false", { percent: 10 })],
      15,
    ],
    ["and not beyond it", 24, [says("true"), says("false", { percent: 10 })], 25],
  ];
  for (const [name, current, opinions, after] of cases) {
    test(name, () => assert.equal(weigh(current, opinions, 1000)?.percent, after));
  }

  test("follows the time, not the number of looks", () => {
    assert.equal(weigh(25, [says("false")], 3000)?.percent, 40);
    assert.equal(weigh(25, [says("false")], 0), undefined);
  });

  test("always between the lowest rule and the whole", () => {
    const opinion = fc.record({
      truth: fc.constantFrom<Truth>("true", "false", "unknown"),
      judged: fc.boolean(),
      percent: fc.integer({ min: 1, max: 99 }),
      stepPercent: fc.integer({ min: 1, max: 100 }),
      explanation: fc.constant("it is slow"),
    });
    const looks = fc.array(
      fc.tuple(fc.array(opinion, { minLength: 1, maxLength: 3 }), fc.nat(9000)),
    );
    fc.assert(
      fc.property(looks, (all) => {
        let percent = 100;
        for (const [opinions, elapsedMs] of all) {
          const next = weigh(percent, opinions, elapsedMs);
          if (!next) continue;
          assert.ok(next.percent > 0 && next.percent <= 100 && next.percent !== percent);
          const holds = opinions.some(({ truth, judged }) => judged && truth === "true");
          if (next.percent < percent) assert.ok(holds);
          percent = next.percent;
        }
      }),
    );
  });
});
