import assert from "node:assert/strict";
import { test } from "node:test";
import { createGenerator } from "./generator.ts";
import type { LoadRequest } from "./load-request.ts";

/** No thread can carry it out. */
const broken = {
  url: "http://127.0.0.1:1/",
  method: "GET",
  address: "127.0.0.1",
  port: 1,
  tls: undefined,
  bytes: new Uint8Array(0),
  keepAlive: true,
  timeoutMs: 1000,
  expected: undefined,
} as unknown as LoadRequest;

// It used to be told twice, once as a rejection that nobody awaited: the program ended over that.
test("a thread's death is told to who waits for its step, and closing still works", async () => {
  const generator = await createGenerator({ request: broken, threads: 2, polling: false });
  const step = { mode: "open", warmUpMs: 0, holdMs: 100 } as const;
  await assert.rejects(
    generator.run({ ...step, ratePerSecond: 10, maxConnections: 1, maxQueue: 1 }),
    TypeError,
  );
  await generator.close();
});
