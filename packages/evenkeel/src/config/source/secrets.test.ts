import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { hideSecrets, isSecret } from "./secrets.ts";

describe("a line with its secrets blotted out", () => {
  const cases: Readonly<Record<string, string>> = {
    "sticky_secret: abc": "sticky_secret: •••",
    'admin: { token: "a, b", bind: 80 }': "admin: { token: ••••••, bind: 80 }",
    "admin: { token: abc, bind: 80 }": "admin: { token: •••, bind: 80 }",
    "token_file: a.txt": "token_file: a.txt",
    'set: { Authorization: "Bearer x" }': "set: { Authorization: •••••••••• }",
    '"X-Api-Key": abc # why': '"X-Api-Key": ••• # why',
    'headers: { Cookie: "a=b" }': "headers: { Cookie: ••••• }",
    "sticky: { cookie: app }": "sticky: { cookie: app }",
    'sticky_secret: "unclosed, } #': "sticky_secret: ••••••••••••••",
    "path: /token": "path: /token",
  };
  for (const [line, expected] of Object.entries(cases)) {
    test(line, () => assert.equal(hideSecrets(line), expected));
  }
});

test("paths of secrets are known", () => {
  for (const path of ["sticky_secret", "admin.token", "x.set.Authorization", "x.headers.Cookie"]) {
    assert.ok(isSecret(path.split(".")), path);
  }
  for (const path of ["admin.token_file", "x.sticky.cookie", "sticky_secret_file", "x.path"]) {
    assert.ok(!isSecret(path.split(".")), path);
  }
});
