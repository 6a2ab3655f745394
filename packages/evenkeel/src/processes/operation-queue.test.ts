import assert from "node:assert/strict";
import { test } from "node:test";
import { OperationQueue } from "./operation-queue.ts";

/** An operation that ends when it is told to, or aborted. */
function slow(log: string[], name: string) {
  const { promise, resolve } = Promise.withResolvers<void>();
  return {
    end: () => resolve(),
    run: async (signal: AbortSignal) => {
      log.push(`${name} begins`);
      signal.addEventListener("abort", () => resolve());
      await promise;
      log.push(`${name} ends`);
      return { ok: true } as const;
    },
  };
}

test("one after the other", async () => {
  const queue = new OperationQueue();
  const log: string[] = [];
  const [one, two] = [slow(log, "one"), slow(log, "two")];
  const outcomes = [queue.run("start", one.run), queue.run("stop", two.run)];
  two.end();
  one.end();
  assert.deepEqual(await Promise.all(outcomes), [{ ok: true }, { ok: true }]);
  assert.deepEqual(log, ["one begins", "one ends", "two begins", "two ends"]);
});

test("what is interrupted says so, whether it had begun or not; others go on", async () => {
  const queue = new OperationQueue();
  const log: string[] = [];
  const [one, two, three] = [slow(log, "one"), slow(log, "two"), slow(log, "three")];
  const outcomes = [
    queue.run("replace", one.run),
    queue.run("replace", two.run),
    queue.run("stop", three.run),
  ];
  await Promise.resolve();
  await Promise.resolve();
  queue.interrupt(["replace"], "stop was asked for");
  three.end();
  const given = { ok: false, problem: "given up: stop was asked for" };
  assert.deepEqual(await Promise.all(outcomes), [given, given, { ok: true }]);
  assert.deepEqual(log, ["one begins", "one ends", "three begins", "three ends"]);
});

test("one that throws does not hold up the next", async () => {
  const queue = new OperationQueue();
  const broken = queue.run("start", () => Promise.reject(new Error("broken")));
  const next = queue.run("start", () => Promise.resolve({ ok: true }));
  await assert.rejects(broken, /broken/);
  assert.deepEqual(await next, { ok: true });
});
