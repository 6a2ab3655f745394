import assert from "node:assert/strict";
import { test } from "node:test";

import { startEvenkeel } from "./evenkeel.ts";
import { exchange } from "./raw-client.ts";
import { waitFor } from "./wait-for.ts";

const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

function answering(body: string): object {
  return {
    workers: 1,
    listeners: { web: "127.0.0.1:{{port:web}}" },
    routes: [{ respond: { body } }],
  };
}

test("a real Evenkeel starts, reloads on the same ports and stops", async (t) => {
  await using evenkeel = await startEvenkeel({ config: answering("one"), t });
  assert.equal((await exchange(evenkeel.port("web"), GET)).text, "one");
  assert.equal((await evenkeel.admin("/healthz")).status, 200);
  await evenkeel.reload(answering("two"));
  await waitFor(
    "the new answer",
    async () => (await exchange(evenkeel.port("web"), GET)).text === "two",
  );
  assert.deepEqual(await evenkeel.stop(), { code: 0, signal: null });
});

test("one that can't start is an error with its log", async () => {
  await assert.rejects(startEvenkeel({ config: "listeners: 7\n" }), (error: Error) => {
    assert.match(error.message, /"code":2/);
    assert.match(error.message, /listeners/);
    return true;
  });
});
