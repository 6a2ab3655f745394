import assert from "node:assert/strict";
import { test } from "node:test";
import { HistoryUnavailable } from "./contract.ts";
import type { Store } from "./store.ts";
import { createWaitingChanges, MOST_WAITING } from "./waiting-changes.ts";

test("what waits is bounded, and notes are given up first", () => {
  const refuse = (): never => {
    throw new HistoryUnavailable("full");
  };
  const store: Store = { write: refuse, read: refuse, problem: () => "full", close() {} };
  const said: string[] = [];
  const log = { warn: (text: string) => said.push(text), error: (text: string) => said.push(text) };
  const waiting = createWaitingChanges(store, log);
  for (let id = 0; id < MOST_WAITING; id++) {
    if (id % 2 === 0) waiting.write({ kind: "change", id, change: { state: "resolved" } });
    else waiting.write({ kind: "note", id, entry: { atMs: id, kind: "action", text: "" } });
  }
  for (let id = 0; id < 10; id++) waiting.write({ kind: "change", id, change: {} });
  assert.equal(waiting.list().length, MOST_WAITING);
  const notes = waiting.list().filter(({ kind }) => kind === "note");
  assert.equal(notes.length, MOST_WAITING / 2 - 10);
  assert.match(said.join(), /oldest notes are lost/);
  for (let id = 0; id < 2 * MOST_WAITING; id++) waiting.write({ kind: "change", id, change: {} });
  assert.equal(waiting.list().length, MOST_WAITING);
});

test("what is remembered under one key again and again pushes nothing out", () => {
  const refuse = (): never => {
    throw new HistoryUnavailable("full");
  };
  const store: Store = { write: refuse, read: refuse, problem: () => "full", close() {} };
  const waiting = createWaitingChanges(store, { warn() {}, error() {} });
  waiting.write({ kind: "change", id: 1, change: { state: "resolved" } });
  for (let turn = 0; turn < 2 * MOST_WAITING; turn++) {
    const key = turn % 2 === 0 ? "even" : "odd";
    waiting.write({ kind: "remember", space: "alerts", key, value: String(turn) });
  }
  waiting.write({ kind: "remember", space: "silences", key: "even", value: "1" });
  assert.deepEqual(
    waiting.list().map((one) => (one.kind === "remember" ? `${one.space}/${one.key}` : one.kind)),
    ["change", "alerts/even", "alerts/odd", "silences/even"],
  );
});
