import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { warningsOf } from "../testing/configure.ts";

/** Warnings about one route, without place. */
function warn(keys: string): string[] {
  const text = `listeners: { web: 8080 }\nroutes:\n  - ${keys}\n    respond: 200\n`;
  return warningsOf(text).map((line) => line.replace(/^\S+ routes\[0\]\./, ""));
}

const refused = "path: never matches: requests for such a path are refused (400)";

describe("paths that no request has", () => {
  const cases: readonly [path: string, warning: string | undefined][] = [
    ["/%2e%2e/x", refused],
    ["/../x", refused],
    ["/a/../../x", refused],
    ["/a%00", refused],
    ["/a/..;/b", refused],
    ["/a%2f..", refused],
    ["/a\\..\\b", refused],
    ["/100%/a", "path: never matches: %/a is no escape; a percent sign is written %25"],
    // Compared in the spelling that requests are brought to.
    ["/a//b", undefined],
    ["/a/../b", undefined],
    ["/./a", undefined],
    ["/%7Ejoe", undefined],
    ["/a%2fb", undefined],
    ["/a..b/..c", undefined],
    ["/münchen", undefined],
  ];
  for (const [path, warning] of cases) {
    for (const written of [JSON.stringify(path), `{ exact: ${JSON.stringify(path)} }`]) {
      test(`path: ${written}`, () =>
        assert.deepEqual(warn(`path: ${written}`), warning === undefined ? [] : [warning]));
    }
  }
});

describe("expressions that no path fulfils", () => {
  const slash = 'path.regex: never matches: paths begin with "/"; did you mean ^/?';
  const merged = "path.regex: never matches: paths are compared with runs of slashes merged";
  const cases: readonly [regex: string, warning: string | undefined][] = [
    ["^api/", slash],
    ["^a+/", slash],
    ["^(api|v1)/", slash],
    ["^(?:api|(v1|v2))/", slash],
    ["^api/|^v1/", slash],
    [String.raw`^\.well-known`, slash],
    ["^%2Fapi", slash],
    ["^/a//b", merged],
    [String.raw`^\/a\/\/`, merged],
    ["^/api/", undefined],
    [String.raw`^\/api/`, undefined],
    ["api/", undefined],
    ["^(/api|v1)/", undefined],
    ["^api/|/v1/", undefined],
    ["^a?/", undefined],
    ["^a*/", undefined],
    ["^a{0,2}/", undefined],
    ["^(api)?/", undefined],
    ["^[a/]", undefined],
    ["^.", undefined],
    ["^(?i)/API", undefined],
    [String.raw`^\W`, undefined],
    [String.raw`^\*$`, undefined],
    ["^/a//?b", undefined],
    ["^/a/.*//", undefined],
    ["^/a|^/b//c", undefined],
  ];
  for (const [regex, warning] of cases) {
    test(regex, () =>
      assert.deepEqual(
        warn(`path: { regex: ${JSON.stringify(regex)} }`),
        warning === undefined ? [] : [warning],
      ),
    );
  }
});

describe("a header that is asked for twice", () => {
  const cases: readonly [one: string, other: string, contradict: boolean][] = [
    ["a", "b", true],
    ["a", "A", true],
    ["a", "{ present: false }", true],
    ["{ present: true }", "{ present: false }", true],
    ["{ prefix: ab }", "a", true],
    ["b", "{ prefix: a }", true],
    ["{ prefix: ab }", "{ prefix: ac }", true],
    ["a", "a", false],
    ["a", "{ present: true }", false],
    ["{ prefix: ab }", "ab", false],
    ["abc", "{ prefix: ab }", false],
    ["{ prefix: ab }", "{ prefix: abc }", false],
    ["a", "{ regex: b }", false],
    ["{ present: false }", "{ present: false }", false],
  ];
  for (const [one, other, contradict] of cases) {
    test(`${one} and ${other}`, () => {
      const expected =
        "headers.X-Key: never matches: x-key asks for another value of the same header";
      assert.deepEqual(
        warn(`headers: { x-key: ${one}, X-Key: ${other} }`),
        contradict ? [expected] : [],
      );
    });
  }

  test("two headers are none", () => assert.deepEqual(warn("headers: { a: x, b: y }"), []));
});
