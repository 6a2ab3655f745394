import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { judge, nextTick, type Belief, type Member } from "./grouping.ts";

const wishes = { sendResolved: true, repeatMs: 100, repeatAcknowledged: false, busy: false };
const fires = (key: string, more: Partial<Member> = {}): Member => ({
  key,
  firing: true,
  muted: false,
  acknowledged: false,
  ...more,
});
const over = (key: string, more: Partial<Member> = {}): Member =>
  fires(key, { firing: false, ...more });
const knows = (...firing: string[]): Belief => ({ firing, atMs: 0 });

describe("a receiver is told", () => {
  const cases: readonly (readonly [
    name: string,
    members: readonly Member[],
    before: Belief | undefined,
    nowMs: number,
    more: Partial<typeof wishes>,
    told: string | undefined,
    belief: readonly string[],
  ])[] = [
    ["of the first", [fires("a")], undefined, 0, {}, "a | ", ["a"]],
    ["of nothing new", [fires("a")], knows("a"), 99, {}, undefined, ["a"]],
    ["again when it is time", [fires("a")], knows("a"), 100, {}, "a | ", ["a"]],
    [
      "not again while something is on its way",
      [fires("a")],
      knows("a"),
      100,
      { busy: true },
      undefined,
      ["a"],
    ],
    ["of another, with all", [fires("a"), fires("b")], knows("a"), 1, {}, "a,b | ", ["a", "b"]],
    ["of an end", [over("a")], knows("a"), 1, {}, " | a", []],
    ["of an end beside others", [fires("a"), over("b")], knows("a", "b"), 1, {}, "a | b", ["a"]],
    [
      "of no end if it wants none",
      [over("a")],
      knows("a"),
      1,
      { sendResolved: false },
      undefined,
      [],
    ],
    ["of no end it knew nothing of", [over("a")], knows(), 1, {}, undefined, []],
    ["of nothing that is muted", [fires("a", { muted: true })], undefined, 0, {}, undefined, []],
    [
      "not again of what is muted",
      [fires("a", { muted: true })],
      knows("a"),
      100,
      {},
      undefined,
      ["a"],
    ],
    [
      "of no end that is muted, and remembers",
      [over("a", { muted: true })],
      knows("a"),
      1,
      {},
      undefined,
      ["a"],
    ],
    [
      "not again of what all is acknowledged",
      [fires("a", { acknowledged: true })],
      knows("a"),
      100,
      {},
      undefined,
      ["a"],
    ],
    [
      "again if one is not",
      [fires("a", { acknowledged: true }), fires("b")],
      knows("a", "b"),
      100,
      {},
      "a,b | ",
      ["a", "b"],
    ],
    [
      "of acknowledged ones if it keeps a picture",
      [fires("a", { acknowledged: true })],
      knows("a"),
      100,
      { repeatAcknowledged: true },
      "a | ",
      ["a"],
    ],
    ["of nothing that left without an end", [], knows("a"), 1, {}, undefined, []],
  ];
  for (const [name, members, before, nowMs, more, told, belief] of cases) {
    test(name, () => {
      const verdict = judge(members, before, { ...wishes, ...more }, nowMs);
      const { tell } = verdict;
      const shown = tell && `${tell.firing.join(",")} | ${tell.resolved.join(",")}`;
      assert.equal(shown, told);
      assert.deepEqual(verdict.belief.firing, belief);
      assert.equal(verdict.belief.atMs, told === undefined ? (before?.atMs ?? nowMs) : nowMs);
    });
  }
});

test("ticks keep their grid and survive a clock that jumps", () => {
  assert.equal(nextTick(100, 100, 60), 160);
  assert.equal(nextTick(100, 130, 60), 160);
  assert.equal(nextTick(100, 500, 60), 560);
  assert.equal(nextTick(10_000, 100, 60), 160);
});
