import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { findUser, parseAccounts } from "./accounts.ts";

const accounts = parseAccounts(
  "root:x:0:0:root:/root:/bin/sh\napp:x:1001:1002::/srv/app:/bin/sh\n# no:x:5:5::/:\nbroken\n7:x:1007:1008::/seven:/bin/sh\n",
  "root:x:0:\nwww:x:33:app\nbroken\n",
);

const cases: readonly [user: string, group: string | undefined, found: string][] = [
  ["app", undefined, "1001:1002 /srv/app"],
  ["app", "www", "1001:33 /srv/app"],
  ["1001", undefined, "1001:1002 /srv/app"],
  ["1001", "5000", "1001:5000 /srv/app"],
  ["7", undefined, "1007:1008 /seven"],
  ["4711", "33", "4711:33 none"],
  ["4711", undefined, "no user has the id 4711: write a group, too (4711:GROUP)"],
  ["apt", undefined, "there is no user apt"],
  ["app", "wheel", "there is no group wheel"],
];

describe("accounts", () => {
  for (const [user, group, expected] of cases) {
    test(`${user}${group === undefined ? "" : `:${group}`}`, () => {
      const found = findUser({ user, group }, accounts);
      const text = found.ok
        ? `${found.uid}:${found.gid} ${found.account?.home ?? "none"}`
        : found.problem;
      assert.equal(text, expected);
    });
  }
});
