import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { createAccess } from "./access.ts";

describe("access", () => {
  const cases: readonly {
    readonly what: string;
    readonly allow?: readonly string[];
    readonly deny?: readonly string[];
    readonly address: string;
    readonly allowed: boolean;
  }[] = [
    { what: "no lists let everybody in", address: "192.0.2.1", allowed: true },
    {
      what: "an allow list lets its own in",
      allow: ["10.0.0.0/8"],
      address: "10.1.1.1",
      allowed: true,
    },
    {
      what: "an allow list shuts others out",
      allow: ["10.0.0.0/8"],
      address: "192.0.2.1",
      allowed: false,
    },
    {
      what: "a deny list shuts its own out",
      deny: ["10.0.0.0/8"],
      address: "10.1.1.1",
      allowed: false,
    },
    {
      what: "a deny list lets others in",
      deny: ["10.0.0.0/8"],
      address: "192.0.2.1",
      allowed: true,
    },
    {
      what: "a longer deny wins",
      allow: ["10.0.0.0/8"],
      deny: ["10.1.0.0/16"],
      address: "10.1.1.1",
      allowed: false,
    },
    {
      what: "a longer allow wins",
      allow: ["10.1.1.1"],
      deny: ["10.0.0.0/8"],
      address: "10.1.1.1",
      allowed: true,
    },
    {
      what: "deny wins a tie",
      allow: ["10.0.0.0/8"],
      deny: ["10.0.0.0/8"],
      address: "10.1.1.1",
      allowed: false,
    },
    {
      what: "both lists shut out whom neither names",
      allow: ["10.0.0.0/8"],
      deny: ["10.1.0.0/16"],
      address: "192.0.2.1",
      allowed: false,
    },
    {
      what: "what is no address is not let in by a list",
      allow: ["0.0.0.0/0", "::/0"],
      address: "",
      allowed: false,
    },
    { what: "IPv6 is judged too", allow: ["2001:db8::/32"], address: "2001:db8::1", allowed: true },
  ];
  for (const { what, allow = [], deny = [], address, allowed } of cases) {
    test(what, () => assert.equal(createAccess({ allow, deny }).allows(address), allowed));
  }
});
