import * as fc from "fast-check";
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { RE2JS } from "re2js";

import { literalPrefix } from "./literal-prefix.ts";

describe("the literal beginning of an expression", () => {
  const cases = [
    { pattern: "^/api/v[0-9]+", prefix: "/api/v" },
    { pattern: "^/api/.*$", prefix: "/api/" },
    { pattern: String.raw`^/a\.b\d`, prefix: "/a.b" },
    { pattern: "^/ab?c", prefix: "/a" },
    { pattern: "^/ab{2}", prefix: "/a" },
    { pattern: String.raw`^/a\.+`, prefix: "/a" },
    { pattern: "^/a|/b", prefix: "" },
    { pattern: "(?i)^/a", prefix: "" },
    { pattern: "^/caf\u00e9", prefix: "/caf" },
    { pattern: "", prefix: "" },
    { pattern: "^/all", prefix: "/all" },
    { pattern: "/anywhere", prefix: "" },
    { pattern: "^*/a", prefix: "" },
  ];
  for (const { pattern, prefix } of cases) {
    test(`of ${pattern} is "${prefix}"`, () => assert.equal(literalPrefix(pattern), prefix));
  }

  test("begins every text the expression is found in", () => {
    const part = fc.constantFrom(
      "a",
      "/",
      "b",
      ".",
      "?",
      "*",
      "+",
      "|",
      "(",
      ")",
      "[ab]",
      "\\",
      "^",
      "$",
      "{2}",
      "\\d",
      "(?i)",
      "\\Q",
      "\\E",
    );
    const pattern = fc.array(part, { maxLength: 7 }).map((parts) => `^${parts.join("")}`);
    const text = fc.string({
      unit: fc.constantFrom("a", "A", "/", "b", ".", "1", "\\", "|"),
      maxLength: 5,
    });
    let found = 0;
    fc.assert(
      fc.property(pattern, fc.array(text, { minLength: 5, maxLength: 20 }), (source, texts) => {
        const expression = compile(source);
        if (expression === undefined) return;
        for (const one of texts) {
          if (!expression.test(one)) continue;
          found++;
          assert.ok(one.startsWith(literalPrefix(source)), `${source} is found in ${one}`);
        }
      }),
      { numRuns: 2_000 },
    );
    assert.ok(found > 100);
  });
});

function compile(source: string): RE2JS | undefined {
  try {
    return RE2JS.compile(source);
  } catch {
    // Most random text is no expression.
    return undefined;
  }
}
