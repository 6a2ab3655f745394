import { test } from "node:test";
import assert from "node:assert/strict";
import { rateLimitBytes } from "../proxy/edge/rate-limit.ts";
import type { Desired } from "../snapshot/desired.ts";
import type { RateLimitSnapshot } from "../snapshot/snapshot.ts";
import { withRateMemory } from "./rate-memory.ts";

const limit: RateLimitSnapshot = {
  perSecond: 5,
  burst: 3,
  key: { kind: "client", name: "" },
  maxKeys: 100,
  storage: undefined,
};

function desiredOf(...limits: readonly [slot: number, limit: RateLimitSnapshot | undefined][]) {
  const routes = limits.map(([slot, rateLimit]) => ({ slot, rateLimit }));
  return { snapshot: { routes } } as unknown as Desired;
}

const storages = ({ snapshot }: Desired): (SharedArrayBuffer | undefined)[] =>
  snapshot.routes.map(({ rateLimit }) => rateLimit?.storage);

test("every limit gets memory of its size, a route without one is left alone", () => {
  const plain = desiredOf([0, undefined]);
  assert.equal(withRateMemory(plain, undefined), plain);
  const [none, some] = storages(withRateMemory(desiredOf([0, undefined], [1, limit]), undefined));
  assert.equal(none, undefined);
  assert.equal(some?.byteLength, rateLimitBytes(100));
});

test("a route that keeps its row and its limit keeps its memory, whatever its place", () => {
  const before = withRateMemory(desiredOf([0, limit], [1, limit]), undefined);
  const after = withRateMemory(desiredOf([1, limit], [0, limit]), before);
  assert.deepEqual(storages(after), storages(before).toReversed());
  assert.equal(storages(after)[0], storages(before)[1]);
  assert.notEqual(storages(after)[0], storages(after)[1]);
});

const changes: Record<string, Partial<RateLimitSnapshot>> = {
  rate: { perSecond: 6 },
  burst: { burst: 4 },
  "number of keys": { maxKeys: 101 },
  "kind of key": { key: { kind: "route", name: "" } },
  "name of the key": { key: { kind: "client", name: "x" } },
};

for (const [name, change] of Object.entries(changes)) {
  test(`another ${name} starts with empty buckets`, () => {
    const before = withRateMemory(desiredOf([0, limit]), undefined);
    const after = withRateMemory(desiredOf([0, { ...limit, ...change }]), before);
    assert.ok(storages(after)[0]);
    assert.notEqual(storages(after)[0], storages(before)[0]);
  });
}

test("a new route in another row starts with empty buckets; given memory stays", () => {
  const before = withRateMemory(desiredOf([0, limit]), undefined);
  assert.notEqual(storages(withRateMemory(desiredOf([1, limit]), before))[0], storages(before)[0]);
  assert.equal(withRateMemory(before, undefined), before);
});
