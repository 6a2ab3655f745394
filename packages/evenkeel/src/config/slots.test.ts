import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { capacity } from "../board/board.ts";
import { SlotAllocator, SlotsExhausted } from "./slots.ts";

const only = (endpoints: readonly string[]) => ({
  listeners: [],
  upstreams: [],
  routes: [],
  endpoints,
});
const assign = (slots: SlotAllocator, ...keys: string[]) => slots.assign(only(keys)).endpoints;

describe("slots", () => {
  test("a key keeps its slot whatever comes and goes around it", () => {
    const slots = new SlotAllocator();
    assert.deepEqual(assign(slots, "a", "b", "c"), [0, 1, 2]);
    assert.deepEqual(assign(slots, "c", "x", "b"), [2, 3, 1]);
  });

  test("a freed slot is not given out in the round that freed it, but in the next", () => {
    const slots = new SlotAllocator();
    assign(slots, "a", "b");
    assert.deepEqual(assign(slots, "b", "c"), [1, 2], "a's slot 0 rests");
    assert.deepEqual(assign(slots, "b", "c", "d"), [1, 2, 0]);
  });

  test("the longest free slot is given out first", () => {
    const slots = new SlotAllocator();
    assign(slots, "a", "b", "c");
    assign(slots, "a", "b");
    assign(slots, "b");
    assert.deepEqual(assign(slots, "b", "x", "y"), [1, 2, 0]);
  });

  test("a checkpoint brings back slots, free ones and the secret", () => {
    const slots = new SlotAllocator();
    assign(slots, "a", "b");
    assign(slots, "b");
    const copy = new SlotAllocator(structuredClone(slots.checkpoint()));
    assert.equal(copy.secret, slots.secret);
    assert.deepEqual(assign(copy, "new", "b"), assign(slots, "new", "b"));
  });

  test("a checkpoint is not changed by later rounds", () => {
    const slots = new SlotAllocator();
    assign(slots, "a");
    const before = slots.checkpoint();
    assign(slots, "b");
    assert.deepEqual(assign(new SlotAllocator(before), "a"), [0]);
  });

  test("where one kind does not fit nothing changes", () => {
    const slots = new SlotAllocator();
    assign(slots, "a");
    const listeners = Array.from({ length: capacity.listeners + 1 }, (_, at) => `l${at}`);
    assert.throws(() => slots.assign({ ...only(["b"]), listeners }), SlotsExhausted);
    assert.deepEqual(assign(slots, "a", "b"), [0, 1]);
  });

  test("the whole board can be used, and swapped in two rounds", () => {
    const slots = new SlotAllocator();
    const names = (prefix: string) =>
      Array.from({ length: capacity.endpoints }, (_, at) => `${prefix}${at}`);
    assign(slots, ...names("a"));
    assert.throws(() => assign(slots, ...names("b")), /in two steps/);
    assign(slots);
    assert.equal(new Set(assign(slots, ...names("b"))).size, capacity.endpoints);
  });

  test("two keys never share a slot, and none moves", () =>
    fc.assert(
      fc.property(
        fc.array(fc.uniqueArray(fc.constantFrom(...Array.from("abcdefgh")), { maxLength: 8 }), {
          maxLength: 12,
        }),
        (rounds) => {
          const slots = new SlotAllocator();
          let before = new Map<string, number>();
          for (const keys of rounds) {
            const given = assign(slots, ...keys);
            assert.equal(new Set(given).size, keys.length);
            const now = new Map(keys.map((key, at) => [key, given[at]!]));
            for (const [key, slot] of now) {
              assert.equal(before.get(key) ?? slot, slot, `${key} moved`);
              const others = [...before].filter(([other]) => other !== key);
              assert.ok(!others.some(([, taken]) => taken === slot), `${key} took a resting slot`);
            }
            before = now;
          }
        },
      ),
    ));
});
