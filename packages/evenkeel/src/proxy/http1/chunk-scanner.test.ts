import assert from "node:assert/strict";
import { describe, test } from "node:test";

import * as fc from "fast-check";

import { reason } from "../../errors/catalogue.ts";
import { createChunkScanner, MOST_BODY_EXTENSION_BYTES } from "./chunk-scanner.ts";
import type { ChunkScanner } from "./contract.ts";

// What is accepted and refused is the corpus's business (test/corpus); here is what callers get.

function spans(scanner: ChunkScanner): number[][] {
  return Array.from({ length: scanner.spanCount }, (_, index) => [
    scanner.spans[2 * index]!,
    scanner.spans[2 * index + 1]!,
  ]);
}

/** Everything to pass on of `body`, read in pieces that end at `cuts`. */
function passOn(
  scanner: ChunkScanner,
  body: Buffer,
  cuts: readonly number[],
  payload = false,
): string {
  let passed = "";
  let from = 0;
  for (const end of [...cuts, body.length]) {
    if (end <= from) continue;
    from = scanner.scan(body, from, end, payload);
    for (const [start, stop] of spans(scanner)) passed += body.toString("latin1", start, stop);
    if (scanner.done) break;
  }
  return passed + (scanner.done ? scanner.tail : "");
}

describe("chunk scanner", () => {
  test("passes a whole body on as one span", () => {
    const scanner = createChunkScanner();
    const body = Buffer.from("..5\r\nhello\r\n0\r\n\r\nrest");
    assert.equal(scanner.scan(body, 2, body.length, false), body.length - 4);
    assert.deepEqual(spans(scanner), [[2, body.length - 4]]);
    assert.equal(scanner.done, true);
    assert.equal(scanner.payloadBytes, 5);
    assert.equal(scanner.tail, "");
  });

  test("gives the payload alone", () => {
    const scanner = createChunkScanner();
    const body = Buffer.from("5;a=b\r\nhello\r\n1\r\n!\r\n0\r\nX: y\r\n\r\n");
    assert.equal(passOn(scanner, body, [], true), "hello!");
    assert.equal(scanner.tail, "");
  });

  test("leaves extensions out of the spans", () => {
    const scanner = createChunkScanner();
    const body = Buffer.from('5;a="b"\r\nhello\r\n0;c\r\n\r\n');
    scanner.scan(body, 0, body.length, false);
    assert.deepEqual(spans(scanner), [
      [0, 1],
      [7, 17],
      [19, 23],
    ]);
  });

  test("gives trailers behind the spans, each field written anew", () => {
    const scanner = createChunkScanner();
    const body = Buffer.from("0\r\nX-Sum:\t 1  \r\nHost: b\r\n\r\n");
    assert.equal(scanner.scan(body, 0, body.length, false), body.length);
    assert.deepEqual(spans(scanner), [[0, 3]]);
    assert.equal(scanner.tail, "X-Sum: 1\r\n\r\n");
  });

  test("stops where it refuses, with nothing to pass on", () => {
    const scanner = createChunkScanner();
    const body = Buffer.from("5\r\nhelloX");
    scanner.scan(body, 0, body.length, false);
    assert.equal(scanner.refusal, reason.bad_chunk);
    assert.equal(scanner.spanCount, 0);
    assert.equal(scanner.scan(body, 0, body.length, false), 0);
    assert.equal(scanner.spanCount, 0);
  });

  test("takes nothing more once done", () => {
    const scanner = createChunkScanner();
    const body = Buffer.from("0\r\n\r\n0\r\n\r\n");
    assert.equal(scanner.scan(body, 0, body.length, false), 5);
    assert.equal(scanner.scan(body, 5, body.length, false), 5);
    assert.equal(scanner.spanCount, 0);
  });

  test("is as new after reset, wherever it stopped", () => {
    const whole = Buffer.from("5;a=b\r\nhello\r\n0;c\r\nX: y\r\n\r\n");
    const expected = passOn(createChunkScanner(), whole, []);
    const scanner = createChunkScanner();
    for (let end = 0; end <= whole.length; end++) {
      scanner.reset();
      scanner.scan(whole, 0, end, false);
      scanner.reset();
      assert.equal(passOn(scanner, whole, []), expected, `after ${end}`);
      assert.equal(scanner.payloadBytes, 5);
    }
    scanner.reset();
    scanner.scan(Buffer.from("x"), 0, 1, false);
    assert.equal(scanner.refusal, reason.bad_chunk);
    scanner.reset();
    assert.equal(passOn(scanner, whole, []), expected);
  });

  test("counts the extensions of all chunks, anew after reset", () => {
    const chunk = `1;${"a".repeat(511)}\r\nx\r\n`;
    const allowed = MOST_BODY_EXTENSION_BYTES / 512;
    const scanner = createChunkScanner();
    const body = Buffer.from(chunk.repeat(allowed));
    for (let round = 0; round < 2; round++) {
      scanner.reset();
      scanner.scan(body, 0, body.length, false);
      assert.equal(scanner.refusal, undefined);
    }
    scanner.scan(Buffer.from("1;a"), 0, 3, false);
    assert.equal(scanner.refusal, reason.bad_chunk);
  });

  test("follows sizes far beyond one read", () => {
    const scanner = createChunkScanner();
    const head = Buffer.from("fffffffff\r\n");
    scanner.scan(head, 0, head.length, true);
    const part = Buffer.alloc(65_536);
    for (let i = 0; i < 100; i++) {
      assert.equal(scanner.scan(part, 0, part.length, true), part.length);
      assert.deepEqual(spans(scanner), [[0, part.length]]);
    }
    assert.equal(scanner.payloadBytes, 6_553_600);
    assert.equal(scanner.done, false);
  });

  const chunks = fc.array(fc.string({ unit: "binary-ascii", minLength: 1, maxLength: 20 }), {
    maxLength: 12,
  });
  const extension = fc.constantFrom("", "", ";a", ";a=b", '; x = "q;\\"";y');
  const trailers = fc.array(fc.constantFrom("X: y", "Host: b", "Y:", "Content-Length: 3"), {
    maxLength: 4,
  });

  test("passes on the same strictly valid body however reads are cut", () => {
    fc.assert(
      fc.property(
        chunks,
        fc.array(extension, { minLength: 13, maxLength: 13 }),
        trailers,
        fc.array(fc.nat(400), { maxLength: 6 }),
        (parts, extensions, fields, unsorted) => {
          const payload = parts.join("");
          const body = Buffer.from(
            parts
              .map((part, i) => `${part.length.toString(16)}${extensions[i]}\r\n${part}\r\n`)
              .join("") + `0${extensions[12]}\r\n${fields.map((one) => `${one}\r\n`).join("")}\r\n`,
            "latin1",
          );
          const cuts = unsorted.filter((cut) => cut < body.length).sort((a, b) => a - b);
          const scanner = createChunkScanner();
          const passed = passOn(scanner, body, cuts);
          assert.equal(scanner.done, true);
          assert.equal(scanner.payloadBytes, payload.length);
          assert.equal(passed, passOn(createChunkScanner(), body, []));
          assert.equal(passOn(createChunkScanner(), body, cuts, true), payload);

          // The output has no extension and no forbidden field left, so it is its own output.
          const canonical = Buffer.from(passed, "latin1");
          const again = createChunkScanner();
          assert.equal(passOn(again, canonical, []), passed);
          assert.equal(again.done, true);
          assert.equal(passOn(createChunkScanner(), canonical, [], true), payload);
          assert.doesNotMatch(
            passed.slice(passed.lastIndexOf("\r\n0\r\n")),
            /host|content-length/i,
          );
        },
      ),
      { numRuns: 300 },
    );
  });
});
