import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { createReadMemory, ReadBuffer } from "./read-buffer.ts";

describe("what a connection reads into", () => {
  test("is shared by all until an answer fills it, and again when that is over", () => {
    const memory = createReadMemory();
    const [one, other] = [new ReadBuffer(memory), new ReadBuffer(memory)];
    assert.equal(one.current, other.current);
    one.noteRead(100);
    assert.equal(one.next(), undefined);
    one.noteRead(memory.shared.length);
    const large = one.next()!;
    assert.equal(large, one.current);
    assert.notEqual(large, memory.shared);
    assert.equal(other.current, memory.shared);
    one.noteRead(large.length);
    one.noteRead(1);
    assert.equal(one.next(), undefined);
    one.answerDone();
    assert.equal(one.next(), memory.shared);
    assert.equal(one.next(), undefined);
  });

  test("is used again for the next large answer, unless it is still being written from", () => {
    const memory = createReadMemory();
    const one = new ReadBuffer(memory);
    const fill = (): Buffer => {
      one.noteRead(memory.shared.length);
      return one.next()!;
    };
    const first = fill();
    one.answerDone();
    one.next();
    assert.equal(fill(), first);
    one.keep();
    const second = one.next()!;
    assert.notEqual(second, first);
    one.keep();
    one.answerDone();
    assert.equal(one.next(), memory.shared);
    const third = fill();
    assert.equal(third !== first && third !== second, true);
    one.close();
    assert.equal(memory.take(), third);
    assert.equal(one.current, memory.shared);
  });

  test("no more than 32 large ones lie ready", () => {
    const memory = createReadMemory();
    const all = new Set(Array.from({ length: 40 }, () => memory.take()));
    for (const one of all) memory.give(one);
    const again = Array.from({ length: 40 }, () => memory.take());
    assert.equal(again.filter((one) => all.has(one)).length, 32);
  });
});
