import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { warningsOf } from "../testing/configure.ts";

describe("a bound of the target above that of the request line", () => {
  const route = (limits: string): string => `routes: [{ ${limits}respond: 200 }]`;
  const small = "listeners: { web: { bind: 80, limits: { request_line: 4KiB } }, other: 81 }";
  const cases: readonly [name: string, text: string, warning: string | undefined][] = [
    [
      "on a route",
      `listeners: { web: 80 }\n${route("limits: { uri: 32KiB }, ")}`,
      "routes[0].limits.uri: is never reached: request lines have at most 16KiB (limits.request_line)",
    ],
    [
      "on a route of one listener",
      `${small}\n${route("listener: web, limits: { uri: 5KiB }, ")}`,
      "routes[0].limits.uri: is never reached: request lines have at most 4KiB (limits.request_line)",
    ],
    [
      "at the top",
      `listeners: { web: 80 }\nlimits: { request_line: 1KiB, uri: 2KiB }\n${route("")}`,
      "limits.uri: is never reached: request lines have at most 1KiB (limits.request_line)",
    ],
    ["that another listener reaches", `${small}\n${route("limits: { uri: 5KiB }, ")}`, undefined],
    [
      "by default",
      `listeners: { web: 80 }\nlimits: { request_line: 1KiB }\n${route("")}`,
      undefined,
    ],
    ["as long", `listeners: { web: 80 }\n${route("limits: { uri: 16KiB }, ")}`, undefined],
    [
      "with a listener that takes more",
      `listeners: { web: { bind: 80, limits: { request_line: 64KiB } } }\n${route("limits: { uri: 32KiB }, ")}`,
      undefined,
    ],
  ];
  for (const [name, text, warning] of cases) {
    test(`${name}: ${warning === undefined ? "fine" : "warned of"}`, () => {
      const found = warningsOf(text).map((line) => line.replace(/^\S+ /, ""));
      assert.deepEqual(found, warning === undefined ? [] : [warning]);
    });
  }
});
