import assert from "node:assert/strict";
import { test } from "node:test";
import type { ToProxy } from "./messages.ts";
import { readSnapshotMessage, snapshotMessage } from "./snapshot-message.ts";
import type { RouteSnapshot, Snapshot } from "./snapshot.ts";

function snapshot(version: number, routes: readonly string[]): Snapshot {
  return {
    version,
    listeners: [],
    routes: routes.map((fingerprint, order) => ({ fingerprint, order }) as RouteSnapshot),
    upstreams: [],
    accessLog: undefined,
    viaName: "v",
    stickySecret: "s",
  };
}

/** As it arrives in another thread. */
function sent(before: Snapshot, next: Snapshot): Extract<ToProxy, { kind: "snapshot" }> {
  const message = structuredClone(snapshotMessage(before, next));
  assert.ok(message.kind === "snapshot");
  return message;
}

const cases: readonly [name: string, before: string[], after: string[], keeps: boolean][] = [
  ["the same routes", ["a", "b"], ["a", "b"], true],
  ["no routes before and after", [], [], true],
  ["another route", ["a", "b"], ["a", "c"], false],
  ["another order", ["a", "b"], ["b", "a"], false],
  ["one more", ["a"], ["a", "b"], false],
  ["one less", ["a", "b"], ["a"], false],
];
for (const [name, before, after, keeps] of cases) {
  test(`${name}: routes are ${keeps ? "left out" : "sent"}, and the reader has them all`, () => {
    const known = snapshot(1, before);
    const next = snapshot(2, after);
    const message = sent(known, next);
    assert.equal(message.keepsRoutes, keeps);
    assert.equal(message.snapshot.routes.length, keeps ? 0 : after.length);
    const read = readSnapshotMessage(known, message);
    assert.deepEqual(read, next);
    if (keeps) assert.equal(read.routes, known.routes);
  });
}
