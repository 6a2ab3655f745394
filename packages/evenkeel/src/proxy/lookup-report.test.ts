import assert from "node:assert/strict";
import { test } from "node:test";

import { exchange } from "../../../../test/support/raw-client.ts";
import { waitFor } from "../../../../test/support/wait-for.ts";
import { createBoard, TAKES_BOUND, TAKES_NEW } from "../board/board.ts";
import { createProxy } from "./create-proxy.ts";
import { createLookupReport } from "./lookup-report.ts";
import { snapshot } from "./testing/snapshot.ts";

test("an endpoint is told of once a minute", () => {
  const clock = { nowMs: 0 };
  const told: string[] = [];
  const report = createLookupReport(clock, (message) => told.push(message));
  report("u app:80", "app", "ENOTFOUND");
  report("u app:80", "app", "ENOTFOUND");
  report("u other:80", "other", "EAI_AGAIN");
  clock.nowMs = 60_000;
  report("u app:80", "app", "ENOTFOUND");
  assert.deepEqual(told, [
    "endpoint u app:80: the name app can't be resolved (ENOTFOUND)",
    "endpoint u other:80: the name other can't be resolved (EAI_AGAIN)",
    "endpoint u app:80: the name app can't be resolved (ENOTFOUND)",
  ]);
});

test("any number of endpoints is told of", () => {
  const told: string[] = [];
  const report = createLookupReport({ nowMs: 0 }, (message) => told.push(message));
  for (let at = 0; at < 1_001; at++) report(`e${at}`, "x", "ENOTFOUND");
  report("e1000", "x", "ENOTFOUND");
  assert.equal(told.length, 1_001);
  report("e0", "x", "ENOTFOUND");
  assert.equal(told.length, 1_002, "the oldest is forgotten first");
});

test("a request to a name that is none gets 502, and the log says why", async () => {
  const board = createBoard(1);
  board.state[0] = TAKES_NEW | TAKES_BOUND;
  board.weight[0] = 1;
  const problems: string[] = [];
  let port = 0;
  const proxy = createProxy({
    board,
    worker: 0,
    tell: (event) => (port = event.kind === "listening" ? event.port : port),
    onProblem: (message) => problems.push(message),
  });
  // Two dots in a row: refused by every resolver without asking anybody.
  const endpoint = { port: 80, host: "a..invalid", name: "a..invalid:80" };
  proxy.apply(snapshot({ upstreams: [{ endpoints: [endpoint] }] }));
  await waitFor("the proxy to listen", () => port > 0);
  for (let count = 0; count < 2; count++) {
    const answer = await exchange(port, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert.equal(answer.status, 502);
  }
  proxy.drain(0);
  assert.equal(problems.length, 1);
  assert.match(
    problems[0]!,
    /^endpoint u\/a\.\.invalid:80: the name a\.\.invalid can't be resolved \(E/,
  );
});
