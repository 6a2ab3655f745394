import * as fc from "fast-check";
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { normalizePath, pathOf, pathToForward, queryOf } from "./path.ts";

describe("normalizePath", () => {
  const cases = [
    { path: "/", normal: "/" },
    { path: "*", normal: "*" },
    { path: "/a/b.c/", normal: "/a/b.c/" },
    { path: "/.well-known/x", normal: "/.well-known/x" },
    { path: "/..hidden", normal: "/..hidden" },
    { path: "/a...b/...", normal: "/a...b/..." },
    { path: "/%61%2D%7e", normal: "/a-~" },
    { path: "/a%2fb", normal: "/a%2Fb" },
    { path: "/%c3%A9", normal: "/%C3%A9" },
    { path: "/%252e%252e/a", normal: "/%252e%252e/a" },
    { path: "//a///b//", normal: "/a/b/" },
    { path: "/a/./b/.", normal: "/a/b/" },
    { path: "/a/b/../c", normal: "/a/c" },
    { path: "/a/b/..", normal: "/a/" },
    { path: "/a/..", normal: "/" },
    { path: "/a//../b", normal: "/b" },
    { path: "/a/%2e%2E/b", normal: "/b" },
    { path: "/a/.%2e/b", normal: "/b" },
    { path: "/a;v=1/b", normal: "/a;v=1/b" },
    { path: "/admin;/x", normal: "/admin;/x" },
    { path: "/.%2fadmin", normal: "/.%2Fadmin" },
    { path: "/\\admin", normal: "/\\admin" },
    { path: "/a/..%2fb/../c", normal: "/a/c" },
  ];
  for (const { path, normal } of cases) {
    test(`${path} is ${normal}`, () => assert.equal(normalizePath(path), normal));
  }

  const refused = [
    "",
    "a",
    "http://x/",
    "/..",
    "/../a",
    "/a/../../b",
    "/%2e%2e/a",
    "/a/..%2fb",
    "/a%2f..%2fb",
    "/a%2F%2e%2e",
    "/a/..%5cb",
    "/a/..\\b",
    "/a\\../b",
    "/a/..;/b",
    "/a/..;x=1/b",
    "/a/%2e%2e%3b/b",
    "/%",
    "/%4",
    "/%zz",
    "/a%0",
    "/%00",
    "/a%00b",
  ];
  for (const path of refused) {
    test(`${path === "" ? "the empty path" : path} is refused`, () =>
      assert.equal(normalizePath(path), undefined));
  }

  const nasty = fc
    .array(
      fc.constantFrom(
        "/",
        ".",
        "..",
        "%2e",
        "%2E",
        "%2f",
        "%2F",
        "%5c",
        "\\",
        ";",
        "a",
        "%61",
        "%",
        "//",
      ),
      { maxLength: 14 },
    )
    .map((parts) => `/${parts.join("")}`);

  test("a normal path is its own normal form", () => {
    fc.assert(
      fc.property(nasty, (path) => {
        const normal = normalizePath(path);
        if (normal !== undefined) assert.equal(normalizePath(normal), normal);
      }),
      { numRuns: 3_000 },
    );
  });

  test("no reading of a forwarded path climbs out of what was routed", () => {
    fc.assert(
      fc.property(nasty, (path) => {
        const normal = normalizePath(path);
        if (normal === undefined) return;
        const sent = pathToForward(path, normal);
        // The most lenient origin: decodes, takes every slash for one, drops parameters.
        const lenient = sent
          .replaceAll(/%([\da-f]{2})/gi, (_, code: string) =>
            String.fromCharCode(Number.parseInt(code, 16)),
          )
          .replaceAll("\\", "/")
          .split("/")
          .map((segment) => segment.replace(/;.*/, ""));
        assert.ok(!lenient.includes(".."), `${path} is sent as ${sent}`);
      }),
      { numRuns: 5_000 },
    );
  });
});

describe("pathToForward", () => {
  const cases = [
    { received: "/a/b", sent: "/a/b", why: "nothing changed" },
    { received: "/%61/b%2fc", sent: "/%61/b%2fc", why: "escapes mean the same either way" },
    { received: "/p//https://x/", sent: "/p//https://x/", why: "slashes stay as they came" },
    { received: "/a/../b", sent: "/b", why: "of a dot segment" },
    { received: "/a/%2E%2e/%62", sent: "/b", why: "of an escaped dot segment" },
    { received: "/a/./b", sent: "/a/b", why: "of a single dot" },
  ];
  for (const { received, sent, why } of cases) {
    test(`${received} is sent as ${sent}: ${why}`, () =>
      assert.equal(pathToForward(received, normalizePath(received) ?? ""), sent));
  }
});

test("a target is split at its first question mark", () => {
  const cases = [
    ["/a", "/a", ""],
    ["/a?", "/a", ""],
    ["/a?b=1?c", "/a", "b=1?c"],
    ["*", "*", ""],
  ] as const;
  for (const [target, path, query] of cases) {
    assert.deepEqual([pathOf(target), queryOf(target)], [path, query]);
  }
});
