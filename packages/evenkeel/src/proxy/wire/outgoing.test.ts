import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { describe, test } from "node:test";

import * as fc from "fast-check";

import { textOf } from "../testing/outgoing-text.ts";
import type { Direct, Written } from "./direct.ts";
import { createOutgoings } from "./outgoing.ts";

/** Answers every write with that, and keeps the memory it was given. */
function direct(written: Written, seen: Uint8Array[] = []): Direct {
  return {
    read: () => undefined,
    write: (_socket, bytes) => {
      seen.push(bytes);
      return written;
    },
  };
}

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

describe("what goes out", () => {
  const pieces = fc.array(
    fc.record({
      kind: fc.constantFrom("copy", "octets", "text"),
      octets: fc.uint8Array({ maxLength: 3_000 }),
    }),
  );

  test("is all pieces in their order, however they came and however many", () => {
    fc.assert(
      fc.property(pieces, (all) => {
        const out = createOutgoings().take();
        let expected = "";
        for (const { kind, octets } of all) {
          if (kind === "copy") out.copy(Buffer.from([1, ...octets, 2]), 1, octets.length + 1);
          else if (kind === "octets") out.octets(octets);
          else out.text(latin1(octets));
          out.endLine();
          expected += `${latin1(octets)}\r\n`;
        }
        assert.equal(out.length, expected.length);
        assert.equal(textOf(out), expected);
        out.clear();
        assert.equal(textOf(out), "");
      }),
    );
  });

  test("uses its memory again once it was written", () => {
    const seen: Uint8Array[] = [];
    const out = createOutgoings().take();
    for (const text of ["one", "two"]) {
      out.text(text);
      assert.equal(out.writeTo({} as Socket, direct("now", seen)), true);
      out.clear();
    }
    assert.equal(seen[0]!.buffer, seen[1]!.buffer);
  });

  test("leaves memory alone that is still being written from", () => {
    const seen: Uint8Array[] = [];
    const out = createOutgoings().take();
    out.text("one");
    assert.equal(out.writeTo({} as Socket, direct("later", seen)), true);
    // Sent to another too, and appended to: neither may touch what is on its way.
    out.writeTo({} as Socket, direct("now", seen));
    out.text(" more");
    out.clear();
    out.text("two");
    out.writeTo({} as Socket, direct("now", seen));
    assert.deepEqual(seen.map(latin1), ["one", "one", "two"]);
  });

  for (const { writableLength, again } of [
    { writableLength: 0, again: true },
    { writableLength: 3, again: false },
  ]) {
    test(`goes through a socket that then holds ${writableLength} bytes back`, () => {
      const seen: Uint8Array[] = [];
      const socket = {
        writableLength,
        write: (bytes: Uint8Array) => {
          seen.push(bytes);
          return writableLength === 0;
        },
      } as unknown as Socket;
      const out = createOutgoings().take();
      out.text("one");
      assert.equal(out.writeTo(socket, direct("not")), again);
      out.clear();
      out.text("two");
      out.writeTo({} as Socket, direct("now", seen));
      assert.deepEqual(seen.map(latin1), [again ? "two" : "one", "two"]);
    });
  }

  test("does not keep memory of an answer that was unusually large", () => {
    const seen: Uint8Array[] = [];
    const out = createOutgoings().take();
    out.copy(Buffer.alloc(200_000), 0, 200_000);
    out.clear();
    out.text("x");
    out.writeTo({} as Socket, direct("now", seen));
    assert.equal(seen[0]!.buffer.byteLength < 10_000, true);
  });
});

describe("a stock of them", () => {
  test("gives out empty ones, the same again, and keeps no more than it may", () => {
    const stock = createOutgoings(1);
    const [one, other] = [stock.take(), stock.take()];
    assert.notEqual(one, other);
    one.text("left over");
    stock.give(one);
    stock.give(other);
    assert.equal(stock.take(), one);
    assert.equal(one.length, 0);
    assert.notEqual(stock.take(), other);
  });
});
