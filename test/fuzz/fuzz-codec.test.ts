import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { requestCases, responseCases } from "../corpus/index.ts";
import { fuzzCodec } from "./fuzz-codec.ts";
import { InvariantChecker } from "./invariants.ts";
import { SeededRandom } from "./mutation.ts";

describe("codec under fuzzing", () => {
  test("keeps its invariants for the corpus itself", () => {
    const checker = new InvariantChecker();
    const random = new SeededRandom(1);
    for (const { bytes } of requestCases) checker.check("request", bytes, random);
    for (const { bytes, requestWasHead } of responseCases) {
      checker.check(requestWasHead ? "answer to HEAD" : "response", bytes, random);
    }
    assert.ok(checker.compared > 80, `${checker.compared} compared with Node's reading`);
  });

  test("keeps its invariants for 15,000 mutations", () => {
    const report = fuzzCodec(20_261_121, (executions) => executions === 15_000);
    for (const { kind, bytes, error } of report.findings) {
      throw new Error(`${kind} ${JSON.stringify(bytes.toString("latin1"))}`, { cause: error });
    }
    // Were nothing accepted, or nothing new found, the run would prove nothing.
    assert.equal(report.executions, 15_000);
    assert.ok(report.compared > 1000, `${report.compared} compared with Node's reading`);
    assert.ok(report.features > 300, `${report.features} features`);
  });
});
