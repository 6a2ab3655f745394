import assert from "node:assert/strict";
import { describe, test } from "node:test";

import type { StickySnapshot } from "../../snapshot/snapshot.ts";
import { createSticky } from "./sticky.ts";

const settings: StickySnapshot = {
  cookie: "route",
  maxAgeS: undefined,
  path: "/",
  domain: undefined,
  secure: false,
  httpOnly: true,
  sameSite: "lax",
};
const endpoints = [
  { slot: 4, stickyId: "e1" },
  { slot: 9, stickyId: "e2" },
];
const sticky = createSticky(settings, "api", endpoints, "secret");

/** What a browser would send back. */
function cookieOf(slot: number, from = sticky): string {
  return /^Set-Cookie: (route=[^;]+)/.exec(from.setCookieLine(slot))?.[1] ?? "";
}

describe("a sticky cookie", () => {
  test("binds to the endpoint it was set for", () => {
    assert.equal(sticky.slotOf(cookieOf(4)), 4);
    assert.equal(sticky.slotOf(`other=1; ${cookieOf(9)}; more=2`), 9);
  });

  test("is set in one line", () => {
    assert.match(
      sticky.setCookieLine(4),
      /^Set-Cookie: route=e1\.[\w-]{22}; Path=\/; HttpOnly; SameSite=Lax\r\n$/,
    );
    const all = {
      ...settings,
      domain: "example",
      maxAgeS: 60,
      secure: true,
      sameSite: "none",
    } as const;
    assert.match(
      createSticky(all, "api", endpoints, "secret").setCookieLine(9),
      /; Path=\/; Domain=example; Max-Age=60; Secure; HttpOnly; SameSite=None\r\n$/,
    );
    assert.equal(sticky.setCookieLine(5), "");
  });

  test("gives nothing away but the endpoint's sticky id", () => {
    assert.notEqual(cookieOf(4).split(".")[1], cookieOf(9).split(".")[1]);
  });

  const [id = "", signature = ""] = cookieOf(4).replace("route=", "").split(".");
  const bad: readonly (string | undefined)[] = [
    undefined,
    "",
    "route=",
    `route=${id}`,
    `route=${id}.`,
    `route=e2.${signature}`,
    `route=${id}.${signature}x`,
    `route=${id}.${signature.slice(1)}`,
    `xroute=${id}.${signature}`,
    cookieOf(4, createSticky(settings, "api", endpoints, "other secret")),
    cookieOf(4, createSticky(settings, "other upstream", endpoints, "secret")),
    cookieOf(7, createSticky(settings, "api", [{ slot: 7, stickyId: "gone" }], "secret")),
  ];
  for (const header of bad) {
    test(`binds to none: ${header}`, () => assert.equal(sticky.slotOf(header), -1));
  }

  test("outlives a new list of endpoints, which may have other slots", () => {
    const later = createSticky(settings, "api", [{ slot: 1, stickyId: "e1" }], "secret");
    assert.equal(later.slotOf(cookieOf(4)), 1);
    assert.equal(later.slotOf(cookieOf(9)), -1);
  });
});
