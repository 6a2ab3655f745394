import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { BAD_AUTHORITY, readAuthority } from "./authority.ts";

describe("authority", () => {
  const good = [
    { text: "a", host: "a", upper: false },
    { text: "a.b-c_d~e:65535", host: "a.b-c_d~e", upper: false },
    { text: "A.example:1", host: "A.example", upper: true },
    { text: "a.example.", host: "a.example.", upper: false },
    { text: "127.0.0.1:80", host: "127.0.0.1", upper: false },
    { text: "[::1]", host: "[::1]", upper: false },
    { text: "[::FFFF:192.0.2.1]:8", host: "[::FFFF:192.0.2.1]", upper: true },
  ];
  for (const { text, host, upper } of good) {
    test(`finds ${host} in ${text}`, () => {
      const read = readAuthority(Buffer.from(`//${text}/:1`), 2, text.length + 2);
      assert.equal(`//${text}`.slice(2, read >> 1), host);
      assert.equal((read & 1) === 1, upper);
    });
  }

  const bad = [
    "",
    ":1",
    "a:",
    "a:b",
    "a:65536",
    "a:123456",
    "a:1:2",
    ".",
    ".a",
    "a..b",
    "a..",
    "a,b",
    "a@b",
    "a/b",
    "a b",
    "a%41",
    "\xe4",
    "[::1",
    "[]",
    "[::1]2",
    "[::1]:",
    "[fe80::1%1]",
    "[1.2.3.4]",
    "::1",
  ];
  for (const text of bad) {
    test(`finds none in "${text}"`, () => {
      assert.equal(
        readAuthority(Buffer.from(`${text}]:1`, "latin1"), 0, text.length),
        BAD_AUTHORITY,
      );
    });
  }
});
