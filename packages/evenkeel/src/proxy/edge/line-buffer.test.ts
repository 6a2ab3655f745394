import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { LineBuffer } from "./line-buffer.ts";

describe("a line buffer", () => {
  test("adds numbers as they are written", () => {
    const numbers = [0, 7, 9, 10, 99, 100, 123_456_789, 5e9, 1e15, 2 ** 53, 12.9, -3];
    for (const number of numbers) {
      const out = new LineBuffer(1);
      out.integer(number);
      assert.equal(out.take().toString(), String(Math.max(0, Math.floor(number))));
    }
    for (const number of [0, 5, 999, 1_000, 12_345, 60_000_001.7]) {
      const out = new LineBuffer(1);
      out.thousandths(number);
      assert.equal(out.take().toString(), (Math.floor(number) / 1_000).toFixed(3));
    }
  });

  test("grows as it must and keeps what was in it", () => {
    const out = new LineBuffer(4);
    const pieces = ["a", "longer than the buffer", '"quoted"', "x".repeat(100)];
    for (const piece of pieces) out.json(piece);
    out.piece(Buffer.from("end"));
    out.again(out.length - 3, out.length);
    assert.equal(
      out.take().toString(),
      `alonger than the buffer\\"quoted\\"${"x".repeat(100)}endend`,
    );
  });

  test("never hands out bytes that are still in use", () => {
    const out = new LineBuffer(4);
    out.text("one");
    const one = out.take();
    out.text("two");
    assert.equal(one.toString(), "one");
    out.giveBack(one);
    const two = out.take();
    out.text("six");
    assert.equal(two.toString(), "two");
    const six = out.take();
    assert.equal(six.buffer, one.buffer);
    out.text("ten");
    assert.deepEqual([six, two, out.take()].map(String), ["six", "two", "ten"]);
  });
});
