/** Which requests an upstream is said to have failed: the client's view, not that of attempts. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { upstreamCounter } from "../../packages/evenkeel/src/board/board.ts";
import {
  type RunningProxy,
  startProxy,
} from "../../packages/evenkeel/src/proxy/testing/start-proxy.ts";
import type { SnapshotParts } from "../../packages/evenkeel/src/proxy/testing/snapshot.ts";
import { freePort } from "../support/free-port.ts";
import { startOrigin } from "../support/origin.ts";
import { connectRaw, exchange } from "../support/raw-client.ts";
import { waitFor } from "../support/wait-for.ts";

const GET = "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n";
const counted = (proxy: RunningProxy, column: keyof typeof upstreamCounter): number =>
  proxy.board.counters[0]!.upstream[upstreamCounter[column]]!;
const first = { policy: "first" } as const;

interface Case {
  readonly name: string;
  readonly origins: readonly Parameters<typeof startOrigin>[0][];
  readonly parts?: SnapshotParts;
  readonly status: number;
  readonly failedAttempts: number;
  readonly failedRequests: number;
}

const cases: readonly Case[] = [
  {
    name: "a retry made it good",
    origins: [{ resetAfterBytes: 0 }, {}],
    status: 200,
    failedAttempts: 1,
    failedRequests: 0,
  },
  {
    name: "no attempt was left",
    origins: [{ resetAfterBytes: 0 }, { resetAfterBytes: 0 }],
    status: 502,
    failedAttempts: 2,
    failedRequests: 1,
  },
  {
    name: "the origin's own answer says so",
    origins: [{ status: 503 }],
    status: 503,
    failedAttempts: 1,
    failedRequests: 1,
  },
  {
    name: "the origin answered 404, which is no failure",
    origins: [{ status: 404 }],
    status: 404,
    failedAttempts: 0,
    failedRequests: 0,
  },
  {
    name: "there was no endpoint to ask",
    origins: [],
    status: 503,
    failedAttempts: 0,
    failedRequests: 1,
  },
  {
    name: "the client was refused",
    origins: [{}],
    parts: { routes: [{ access: { allow: [], deny: ["0.0.0.0/0"] } }] },
    status: 403,
    failedAttempts: 0,
    failedRequests: 0,
  },
];

for (const { name, origins, parts, status, failedAttempts, failedRequests } of cases) {
  test(`${name}: ${failedAttempts} attempts failed, ${failedRequests} requests`, async () => {
    await using started = new AsyncDisposableStack();
    const endpoints = [];
    for (const one of origins) endpoints.push(started.use(await startOrigin(one)));
    await using proxy = await startProxy({
      ...parts,
      upstreams: [{ endpoints, balance: first, failureStatuses: [502, 503, 504] }],
    });
    assert.equal((await exchange(proxy.port, GET)).status, status);
    assert.equal(counted(proxy, "failedAttempts"), failedAttempts);
    assert.equal(counted(proxy, "failedRequests"), failedRequests);
  });
}

test("a refused connection with nowhere else to go fails its request", async () => {
  await using proxy = await startProxy({ upstreams: [{ endpoints: [await freePort()] }] });
  assert.equal((await exchange(proxy.port, GET)).status, 502);
  assert.equal(counted(proxy, "failedRequests"), 1);
});

test("a client that leaves fails nobody's request", async () => {
  await using origin = await startOrigin({ hang: "before-answer" });
  await using proxy = await startProxy({ upstreams: [{ endpoints: [origin] }] });
  const client = await connectRaw(proxy.port);
  client.send(GET);
  await waitFor("the origin to be asked", () => origin.requests.length === 1);
  client.reset();
  await waitFor("the end", () => proxy.ended("client_closed") === 1);
  assert.equal(counted(proxy, "requests"), 1);
  assert.equal(counted(proxy, "failedRequests"), 0);
});
