import { test } from "node:test";
import assert from "node:assert/strict";
import { startDemoInstances } from "./demo-instances.ts";
import { introduction } from "./quick-start.ts";

test("three instances with different answers; a killed one is told of", async (t) => {
  const died = Promise.withResolvers<string>();
  const instances = await startDemoInstances(
    ["A", "B"],
    ({ name }) => died.resolve(name),
    () => undefined,
  );
  t.after(() => instances.stop());
  const answers = await Promise.all(
    instances.list().map(async ({ port }) => (await fetch(`http://127.0.0.1:${port}/`)).text()),
  );
  assert.match(answers[0]!, /^Hello from instance A/);
  assert.match(answers[1]!, /^Hello from instance B/);
  const [, victim] = instances.list();
  const health = await fetch(`http://127.0.0.1:${victim!.port}/healthz`);
  assert.equal(health.status, 200);
  process.kill(victim!.pid, "SIGKILL");
  assert.equal(await died.promise, "B");
});

test("the introduction names everything there is", () => {
  const text = introduction(
    [
      { name: "A", port: 4001, pid: 11 },
      { name: "B", port: 40_002, pid: 12 },
    ],
    "/tmp/x.yaml",
    { web: 8080, admin: 9901 },
  );
  for (const wanted of [
    "127.0.0.1:4001",
    "instance B, process 12",
    "kill -9 12",
    "/tmp/x.yaml",
    "--admin http://127.0.0.1:9901",
  ]) {
    assert.ok(text.includes(wanted), wanted);
  }
});
