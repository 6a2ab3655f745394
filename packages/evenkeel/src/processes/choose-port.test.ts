import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { choosePort } from "./choose-port.ts";

const host = "127.0.0.1";

async function occupied(t: TestContext): Promise<number> {
  const server = createServer().listen(0, host);
  t.after(() => server.close());
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

test("takes the first candidate that is free and not spoken for", async (t) => {
  const busy = await occupied(t);
  const free = await choosePort(host, [], new Set());
  const other = await choosePort(host, [], new Set([free!]));
  assert.ok(free && other && free !== other);
  assert.equal(await choosePort(host, [busy, free, other], new Set()), free);
  assert.equal(await choosePort(host, [busy, free, other], new Set([free])), other);
  assert.equal(await choosePort(host, [busy, free], new Set([free])), undefined);
});

test("knows when the host is not this machine's", async () => {
  assert.equal(await choosePort("192.0.2.1", [], new Set()), undefined);
});
