import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { createRequestParser } from "../../packages/evenkeel/src/proxy/http1/request-parser.ts";
import { createResponseParser } from "../../packages/evenkeel/src/proxy/http1/response-parser.ts";
import { type CorpusCase, requestCases, responseCases } from "./index.ts";
import { type Cuts, type Outcome, readRequest, readResponse } from "./read-message.ts";

const requestParser = createRequestParser();
const responseParser = createResponseParser();

type Read = (bytes: Buffer, cuts: Cuts) => Outcome;

for (const one of requestCases) {
  const read: Read = (bytes, cuts) => readRequest(requestParser, bytes, cuts);
  describeCase("request", one, read);
}
for (const one of responseCases) {
  const read: Read = (bytes, cuts) => readResponse(responseParser, bytes, cuts, one.requestWasHead);
  describeCase("response", one, read);
}

function describeCase(kind: string, one: CorpusCase, read: Read): void {
  const { bytes, expected } = one;
  describe(`${kind}: ${one.name}`, () => {
    test("at once", () => {
      assert.equal(read(bytes, [bytes.length]).verdict, expected);
    });

    test("cut in two at every octet", () => {
      for (let cut = 1; cut < bytes.length; cut += stepAt(cut, bytes.length)) {
        assert.equal(read(bytes, [cut, bytes.length]).verdict, expected, `cut at ${cut}`);
      }
    });

    test("octet by octet, decided where any reading decides it", () => {
      const outcome = read(bytes, everyOctet(bytes));
      assert.equal(outcome.verdict, expected);
      // What stands behind the deciding octet must not matter, nor must it be decided before.
      const { decidedAt } = outcome;
      if (!expected.startsWith("refused")) return;
      const enough = bytes.subarray(0, decidedAt);
      const early = bytes.subarray(0, decidedAt - 1);
      assert.equal(read(enough, [decidedAt]).verdict, expected);
      assert.equal(read(early, [decidedAt - 1]).verdict, "incomplete");
    });

    test("behind other bytes in its buffer", () => {
      const shifted = Buffer.concat([Buffer.from("X: y\r\n\r\n"), bytes]).subarray(8);
      assert.equal(read(shifted, [bytes.length]).verdict, expected);
    });
  });
}

/** Every octet, but for messages that are long only to pass a limit: there the middle is uniform,
 * and trying all of it would take minutes. Their octet by octet run has every cut nonetheless. */
function stepAt(cut: number, length: number): number {
  return length > 3000 && cut > 500 && cut < length - 500 ? 29 : 1;
}

function everyOctet(bytes: Buffer): Cuts {
  return Array.from({ length: bytes.length }, (_, index) => index + 1);
}

describe("corpus", () => {
  test("is as large as promised and has no case twice", () => {
    assert.ok(requestCases.length >= 200, `${requestCases.length} requests`);
    assert.ok(responseCases.length >= 60, `${responseCases.length} responses`);
    for (const cases of [requestCases, responseCases]) {
      const texts = new Set(
        cases.map((one) => `${one.requestWasHead}${one.bytes.toString("latin1")}`),
      );
      const names = new Set(cases.map((one) => one.name));
      assert.equal(names.size, cases.length);
      assert.equal(texts.size, cases.length);
    }
  });
});
