import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { createCombinedFormat } from "./combined-line.ts";
import { entry, lineOf } from "./testing/access-entry.ts";

describe("a combined line", () => {
  test("is nginx's", () => {
    assert.equal(
      lineOf(
        createCombinedFormat(() => 0),
        entry,
      ),
      '192.0.2.1 - - [21/Nov/2026:12:38:57 +0000] "GET /a?b=1 HTTP/1.1" 200 66 "-" "curl/8"\n',
    );
  });

  test("escapes as nginx does", () => {
    const hostile = { ...entry, target: '/"\\\u00e9', userAgent: "a\nb\u007f", referer: "\u20ac" };
    assert.match(
      lineOf(
        createCombinedFormat(() => 0),
        hostile,
      ),
      /"GET \/\\x22\\x5C\\xE9 HTTP\/1\.1" 200 66 "\\xE2\\x82\\xAC" "a\\x0Ab\\x7F"\n$/,
    );
  });

  test("has a dash for a request that could not be read, and three digits of status", () => {
    const broken = { ...entry, method: "", target: "", status: 0 };
    assert.match(
      lineOf(
        createCombinedFormat(() => 0),
        broken,
      ),
      /\] "-" 000 66 /,
    );
  });

  const zones = [
    { offset: 330, text: "21/Nov/2026:18:08:57 +0530" },
    { offset: -765, text: "20/Nov/2026:23:53:57 -1245" },
  ];
  for (const { offset, text } of zones) {
    test(`tells the time of the answer's end in its zone: ${text}`, () =>
      assert.ok(
        lineOf(
          createCombinedFormat(() => offset),
          entry,
        ).includes(`[${text}]`),
      ));
  }
});
