import { test } from "node:test";
import assert from "node:assert/strict";
import { introduction } from "./quick-start.ts";

test("the introduction names everything there is", () => {
  const text = introduction(
    [
      { name: "app.1", address: "127.0.0.1:4001", pid: 11 },
      { name: "app.2", address: "127.0.0.1:40002", pid: 12 },
    ],
    "/tmp/x.yaml",
    { web: 8080, admin: 9901 },
  );
  for (const wanted of [
    "127.0.0.1:4001",
    "app.2, process 12",
    "kill -9 12",
    "/tmp/x.yaml",
    "drill run freeze-one --admin http://127.0.0.1:9901",
    "http://127.0.0.1:9901/metrics",
  ]) {
    assert.ok(text.includes(wanted), `${wanted} is missing in:\n${text}`);
  }
});

test("the usual admin address need not be named", () => {
  const text = introduction([], "/tmp/x.yaml", { web: 8080, admin: 9900 });
  assert.doesNotMatch(text, /--admin/);
});
