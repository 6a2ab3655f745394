import { test } from "node:test";
import assert from "node:assert/strict";
import { configure, desire } from "./testing/configure.ts";

const text = `
listeners:
  web: 8080
  written: { bind: 8081, max_connections: 15000 }
  endless: { bind: 8082, max_connections: off }
routes: [{ respond: { status: 204 } }]
`;

for (const [fileLimit, connections] of [
  [1024, 384],
  [65_536, 20_000],
] as const) {
  test(`with ${fileLimit} open files a listener takes ${connections}, unless it says otherwise`, () => {
    const { listeners } = configure(text, { fileLimit });
    const bounds = Object.values(listeners).map(({ max_connections }) => max_connections);
    assert.deepEqual(bounds, [connections, 15_000, 0]);
  });
}

test("proxies get what was written, and a bound where nothing was", () => {
  const [web, ...others] = desire(text).snapshot.listeners;
  assert.ok(web!.maxConnections >= 1 && web!.maxConnections <= 20_000);
  assert.deepEqual(
    others.map(({ maxConnections }) => maxConnections),
    [15_000, 0],
  );
});
