import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { warningsOf } from "../config/testing/configure.ts";
import { compilePathMatch, matchesPath } from "../proxy/router/path-match.ts";
import { normalizePath } from "../proxy/router/path.ts";

// The warning has its own idea of what the router refuses: they must agree.
test("check warns of the paths that the router matches with nothing, and of no others", () => {
  const piece = fc.constantFrom(
    "/",
    "a",
    ".",
    "..",
    "%2e",
    "%2F",
    "%5c",
    "%00",
    "%41",
    "\\",
    ";",
    "%3B",
    "%",
  );
  const path = fc.array(piece, { maxLength: 8 }).map((pieces) => `/${pieces.join("")}`);
  fc.assert(
    fc.property(path, (value) => {
      const route = `routes: [{ path: { exact: ${JSON.stringify(value)} }, respond: 200 }]`;
      const warned = warningsOf(`listeners: { web: 80 }\n${route}`).length > 0;
      const own = normalizePath(value);
      const match = compilePathMatch({ kind: "exact", value });
      assert.equal(warned, own === undefined, value);
      if (own !== undefined) assert.ok(matchesPath(match, own), value);
    }),
    { numRuns: 2_000 },
  );
});
