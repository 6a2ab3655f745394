import assert from "node:assert/strict";
import { test } from "node:test";
import type { AdminServer } from "../admin/server.ts";
import { createLog } from "../telemetry/log.ts";
import { createAdminBinding } from "./admin-binding.ts";

/** Addresses that can be had once at a time; listening takes a turn of the event loop. Whoever
 * retires is never done by itself. */
function scene() {
  const taken = new Set<number>();
  const open = new Set<number>();
  const make = (): AdminServer => {
    let own: number | undefined;
    const over = Promise.withResolvers<void>();
    return {
      async listen(_host, port) {
        await new Promise((resolve) => setImmediate(resolve));
        if (taken.has(port)) throw Object.assign(new Error("taken"), { code: "EADDRINUSE" });
        taken.add(port);
        own = port;
        open.add(port);
        return { address: "127.0.0.1", family: "IPv4", port };
      },
      retire() {
        if (own !== undefined) taken.delete(own);
        return over.promise;
      },
      async close() {
        if (own === undefined) return;
        taken.delete(own);
        open.delete(own);
        over.resolve();
      },
    };
  };
  const log = createLog({ level: "error", thread: "test", destination: { write: () => {} } });
  return { taken, open, binding: createAdminBinding(make, log) };
}

const at = (port: number) => ({ host: "127.0.0.1", port, token: undefined });

// A successor binds the address of before while a reload already asks for it: the reload was refused,
// because of an address that Evenkeel itself had just taken.
test("two that want one address at once both get it", async () => {
  const { binding, taken } = scene();
  binding.bindEventually(at(9900));
  assert.equal(await binding.bind(at(9900)), undefined);
  assert.deepEqual([...taken], [9900]);
  await binding.close();
  assert.deepEqual([...taken], []);
});

test("the address of before goes on where the new one can't be had", async () => {
  const { binding, taken } = scene();
  taken.add(9901);
  assert.equal(await binding.bind(at(9900)), undefined);
  assert.match((await binding.bind(at(9901))) ?? "", /9901/);
  assert.ok(taken.has(9900));
  assert.equal(await binding.bind(at(9902)), undefined);
  assert.deepEqual([...taken], [9901, 9902]);
  await binding.close();
});

// What had failed before came again after the reload, and took the admin address back to the old one.
test("a reload to another address ends the wait for the old one", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { binding, taken } = scene();
  taken.add(9900);
  binding.bindEventually(at(9900));
  assert.equal(await binding.bind(at(9901)), undefined);
  taken.delete(9900);
  t.mock.timers.tick(10_000);
  assert.equal(await binding.bind(at(9901)), undefined);
  assert.deepEqual([...taken], [9901]);
  await binding.close();
});

test("a request under way at the old address does not hold the new one up", async () => {
  const { binding, taken, open } = scene();
  assert.equal(await binding.bind(at(9900)), undefined);
  assert.equal(await binding.bind(at(9901)), undefined);
  assert.deepEqual([...taken], [9901]);
  assert.deepEqual([...open], [9900, 9901]);
  await binding.close();
  assert.deepEqual([...open], [], "what is left is cut at the end");
});

test("closing waits for what is being bound, and leaves nothing", async () => {
  const { binding, taken } = scene();
  const bound = binding.bind(at(9900));
  await binding.close();
  await bound;
  assert.deepEqual([...taken], []);
});
