import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { cookieValue } from "./cookie.ts";
import { createHashKey, type KeySource } from "./hash-key.ts";
import { queryValue } from "./query-value.ts";

const source: KeySource = {
  host: "shop.example",
  path: "/a",
  query: "user=7",
  clientAddress: "192.0.2.1",
  header: (name) => ({ cookie: "sid=abc", "x-tenant": "t1" })[name],
};

describe("a hash key", () => {
  type Parts = Parameters<typeof createHashKey>[0];
  const cases: readonly { readonly parts: Parts; readonly key: string }[] = [
    { parts: [], key: "" },
    { parts: [{ kind: "header", name: "X-Tenant" }], key: "t1" },
    { parts: [{ kind: "cookie", name: "sid" }], key: "abc" },
    { parts: [{ kind: "query", name: "user" }], key: "7" },
    { parts: [{ kind: "path", name: "" }], key: "/a" },
    { parts: [{ kind: "client", name: "" }], key: "192.0.2.1" },
    { parts: [{ kind: "host", name: "" }], key: "shop.example" },
    { parts: [{ kind: "header", name: "missing" }], key: "" },
    {
      parts: [
        { kind: "header", name: "missing" },
        { kind: "query", name: "none" },
      ],
      key: "",
    },
    {
      parts: [
        { kind: "host", name: "" },
        { kind: "header", name: "no" },
        { kind: "path", name: "" },
      ],
      key: "shop.example\0\0/a\0",
    },
  ];
  for (const { parts, key } of cases) {
    test(`of ${parts.map(({ kind, name }) => kind + name).join("+") || "nothing"}`, () =>
      assert.equal(createHashKey(parts)(source), key));
  }

  test("a request without host has no host part", () =>
    assert.equal(createHashKey([{ kind: "host", name: "" }])({ ...source, host: "" }), ""));
});

describe("one cookie", () => {
  const cases: readonly { header: string | undefined; value: string | undefined }[] = [
    { header: undefined, value: undefined },
    { header: "", value: undefined },
    { header: "c=1", value: "1" },
    { header: "c=", value: "" },
    { header: "a=1; c=2; c=3", value: "2" },
    { header: "a=1;c=2 ; d=3", value: "2" },
    { header: "cc=1; xc=2", value: undefined },
    { header: "a=c=1", value: undefined },
    { header: "c; c=2", value: "2" },
    { header: "C=1", value: undefined },
    { header: 'c="1"', value: "1" },
    { header: 'c="', value: '"' },
    { header: "c=a=b", value: "a=b" },
  ];
  for (const { header, value } of cases) {
    test(`c in ${header}`, () => assert.equal(cookieValue(header, "c"), value));
  }
});

describe("one query parameter", () => {
  const cases: readonly { query: string; value: string | undefined }[] = [
    { query: "", value: undefined },
    { query: "q=1", value: "1" },
    { query: "q", value: "" },
    { query: "a=q&q=2&q=3", value: "2" },
    { query: "&&q=1", value: "1" },
    { query: "qq=1&=2", value: undefined },
    { query: "%71=1", value: "1" },
    { query: "q=a+b%26c", value: "a b&c" },
    { query: "q=%zz+1", value: "%zz 1" },
    { query: "q=a=b", value: "a=b" },
  ];
  for (const { query, value } of cases) {
    test(`q in "${query}"`, () => assert.equal(queryValue(query, "q"), value));
  }
});
