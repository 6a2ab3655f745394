/** Requests that wait for an answer at an endpoint while it is judged bad. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { GIVEN_UP, TAKES_BOUND, upstreamCounter } from "../../packages/evenkeel/src/board/board.ts";
import type { SnapshotParts } from "../../packages/evenkeel/src/proxy/testing/snapshot.ts";
import {
  type RunningProxy,
  startProxy,
} from "../../packages/evenkeel/src/proxy/testing/start-proxy.ts";
import { startFullListener } from "../support/full-listener.ts";
import { type Origin, type OriginOptions, startOrigin } from "../support/origin.ts";
import { connectRaw, exchange } from "../support/raw-client.ts";
import { waitFor } from "../support/wait-for.ts";

const request = (method = "GET", fields = ""): string =>
  `${method} / HTTP/1.1\r\nHost: a.example\r\n${fields}\r\n`;
const withBody = (method: string, body: string, fields = ""): string =>
  `${request(method, `Content-Length: ${body.length}\r\n${fields}`)}${body}`;
const counted = (proxy: RunningProxy, column: keyof typeof upstreamCounter): number =>
  proxy.board.counters[0]!.upstream[upstreamCounter[column]]!;
const first = { policy: "first" } as const;

interface Scene {
  readonly bad: Origin;
  readonly good: Origin;
  readonly proxy: RunningProxy;
}

/** Two endpoints, the first of which gets everything until its state changes. */
async function scene(
  stack: AsyncDisposableStack,
  parts: {
    readonly bad?: OriginOptions;
    readonly upstream?: object;
    readonly route?: NonNullable<SnapshotParts["routes"]>[number];
  } = {},
): Promise<Scene> {
  const behaviour = parts.bad ?? { hang: "before-answer" };
  const bad = stack.use(await startOrigin({ name: "bad", ...behaviour }));
  const good = stack.use(await startOrigin({ name: "good" }));
  const proxy = stack.use(
    await startProxy({
      upstreams: [{ endpoints: [bad, good], balance: first, ...parts.upstream }],
      routes: [parts.route ?? {}],
    }),
  );
  return { bad, good, proxy };
}

/** Sends, waits until the first origin has it, and judges that endpoint bad. */
async function judgedMeanwhile(
  { bad, proxy }: Scene,
  bytes: string,
  state: number = GIVEN_UP,
): ReturnType<typeof exchange> {
  const answer = exchange(proxy.port, bytes);
  await bad.gotRequests(1);
  proxy.setState(0, state);
  return await answer;
}

describe("a request at an endpoint that is judged bad", () => {
  const moved = [
    { name: "GET", bytes: request() },
    { name: "PUT with its body", bytes: withBody("PUT", "hello") },
    {
      name: "POST with an Idempotency-Key",
      bytes: withBody("POST", "x", "Idempotency-Key: k\r\n"),
    },
  ];
  for (const { name, bytes } of moved) {
    test(`asks another at once: ${name}`, async () => {
      await using stack = new AsyncDisposableStack();
      const at = await scene(stack);
      assert.equal((await judgedMeanwhile(at, bytes)).text, "good\n");
      assert.deepEqual(at.good.requests[0]!.body, at.bad.requests[0]!.body);
      assert.equal(counted(at.proxy, "moved"), 1);
      await waitFor("the first attempt to go", () => at.proxy.board.upstreamConnections[0] === 1);
    });
  }

  test("takes the first one's answer if that comes first", async () => {
    await using stack = new AsyncDisposableStack();
    const at = await scene(stack, { bad: { delayMs: 120 } });
    at.good.set({ delayMs: 2_000 });
    assert.equal((await judgedMeanwhile(at, request())).text, "bad\n");
    assert.equal(at.good.requests.length, 1);
  });

  test("is not charged to the budget, however many wait", async () => {
    await using stack = new AsyncDisposableStack();
    const at = await scene(stack, { upstream: { retryBudget: { percent: 0, min: 0 } } });
    const answers = Array.from({ length: 40 }, () => exchange(at.proxy.port, request()));
    await at.bad.gotRequests(40);
    at.proxy.setState(0, GIVEN_UP);
    for (const { text } of await Promise.all(answers)) assert.equal(text, "good\n");
    assert.deepEqual([counted(at.proxy, "moved"), counted(at.proxy, "retries")], [40, 0]);
  });

  test("stays within the breaker's retries at once", async () => {
    await using stack = new AsyncDisposableStack();
    const at = await scene(stack, {
      bad: { delayMs: 300 },
      upstream: { breaker: { maxRetries: 1 } },
    });
    at.good.set({ hang: "before-answer" });
    const answers = [0, 1].map(() => exchange(at.proxy.port, request()));
    await at.bad.gotRequests(2);
    at.proxy.setState(0, GIVEN_UP);
    for (const { text } of await Promise.all(answers)) assert.equal(text, "bad\n");
    assert.equal(at.good.requests.length, 1);
    assert.equal(counted(at.proxy, "retriesDenied"), 1);
  });

  const stays = [
    { name: "POST", bytes: withBody("POST", "x") },
    { name: "with retries off", bytes: request(), retry: { attempts: 0 } },
    { name: "without `reset` in `on`", bytes: request(), retry: { on: ["timeout"] as const } },
    { name: "of an endpoint that the operator ejected", bytes: request(), state: 0 },
    { name: "of an endpoint that is drained", bytes: request(), state: TAKES_BOUND },
    {
      name: "with more of a body than is kept",
      bytes: withBody("PUT", "x".repeat(20)),
      retry: { replayBytes: 10 },
    },
  ];
  for (const { name, bytes, retry = {}, state } of stays) {
    test(`stays: ${name}`, async () => {
      await using stack = new AsyncDisposableStack();
      const at = await scene(stack, { bad: { delayMs: 150 }, route: { retry } });
      assert.equal((await judgedMeanwhile(at, bytes, state)).text, "bad\n");
      assert.equal(at.good.requests.length, 0);
    });
  }

  test("stays where there is nobody else", async () => {
    await using stack = new AsyncDisposableStack();
    const at = await scene(stack, { bad: { delayMs: 150 } });
    at.proxy.setState(1, GIVEN_UP);
    assert.equal((await judgedMeanwhile(at, request())).text, "bad\n");
    assert.equal(counted(at.proxy, "moved"), 0);
  });

  test("moves on where the second is judged bad too, and no further than allowed", async () => {
    await using stack = new AsyncDisposableStack();
    const origins = await Promise.all(
      [0, 1, 2, 3].map(() => startOrigin({ hang: "before-answer" })),
    );
    for (const origin of origins) stack.use(origin);
    const proxy = stack.use(
      await startProxy({
        upstreams: [{ endpoints: origins, balance: first }],
        routes: [{ retry: { attempts: 2 }, timeouts: { totalMs: 500 } }],
      }),
    );
    const answer = exchange(proxy.port, request());
    for (const [slot, origin] of origins.slice(0, 3).entries()) {
      await origin.gotRequests(1);
      proxy.setState(slot, GIVEN_UP);
    }
    assert.equal((await answer).status, 504);
    assert.deepEqual(
      origins.map(({ requests }) => requests.length),
      [1, 1, 1, 0],
    );
  });

  test("goes on there once its answer has begun", async () => {
    await using stack = new AsyncDisposableStack();
    const at = await scene(stack, {
      bad: { body: "y".repeat(60), byteEveryMs: 2 },
      route: { retry: { answerBytes: 0 } },
    });
    await using client = await connectRaw(at.proxy.port);
    client.send(request());
    await waitFor("the answer's head", () => at.proxy.board.counters[0]!.endpoint[7] === 1);
    at.proxy.setState(0, GIVEN_UP);
    assert.equal((await client.readResponse()).text, "y".repeat(60));
    assert.equal(at.good.requests.length, 0);
  });
});

describe("a request that still connects to an endpoint that is judged bad", () => {
  for (const bytes of [request(), withBody("POST", "hello")]) {
    test(`asks another: ${bytes.slice(0, 4)}`, async () => {
      await using full = await startFullListener();
      await using good = await startOrigin({ name: "good" });
      await using proxy = await startProxy({
        upstreams: [{ endpoints: [{ port: full.port }, good], balance: first }],
      });
      const answer = exchange(proxy.port, bytes);
      await waitFor("the attempt", () => proxy.board.inFlight[0] === 1);
      proxy.setState(0, GIVEN_UP);
      assert.equal((await answer).text, "good\n");
      assert.equal(counted(proxy, "moved"), 1);
    });
  }
});

describe("an answer of known length that breaks off", () => {
  const cases = [
    { name: "is asked for again while it was kept back", body: 100, kept: 100, status: 200 },
    { name: "is cut where it is longer", body: 101, kept: 100, status: undefined },
    { name: "is cut with nothing kept", body: 100, kept: 0, status: undefined },
  ];
  for (const { name, body, kept, status } of cases) {
    test(name, async () => {
      await using bad = await startOrigin({ body: "x".repeat(body), resetAfterBytes: 150 });
      await using good = await startOrigin({ name: "good" });
      await using proxy = await startProxy({
        upstreams: [{ endpoints: [bad, good], balance: first }],
        routes: [{ retry: { answerBytes: kept } }],
      });
      const answer = exchange(proxy.port, request());
      if (status === undefined) return await assert.rejects(answer, /connection ended \(reset\)/);
      assert.equal((await answer).text, "good\n");
      assert.equal(counted(proxy, "retries"), 1);
    });
  }

  test("is a plain 502 where nobody else is left", async () => {
    await using bad = await startOrigin({ body: "x".repeat(100), resetAfterBytes: 150 });
    await using proxy = await startProxy({ upstreams: [{ endpoints: [bad] }] });
    assert.equal((await exchange(proxy.port, request())).status, 502);
    assert.equal(proxy.ended("origin_reset"), 1);
  });

  test("is cut for a POST, which gets what comes as it comes", async () => {
    await using bad = await startOrigin({ body: "x".repeat(100), resetAfterBytes: 150 });
    await using good = await startOrigin();
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [bad, good], balance: first }],
    });
    await assert.rejects(exchange(proxy.port, withBody("POST", "x")), /ended \(reset\)/);
    assert.equal(good.requests.length, 0);
  });

  test("and one that hangs inside is a 504 when the total time is up", async () => {
    await using bad = await startOrigin({ body: "x".repeat(100), hang: "in-body" });
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [bad] }],
      routes: [{ timeouts: { totalMs: 100 } }],
    });
    assert.equal((await exchange(proxy.port, request())).status, 504);
  });

  test("arrives whole and once where it came in pieces", async () => {
    await using origin = await startOrigin({ body: "0123456789".repeat(6), byteEveryMs: 1 });
    await using proxy = await startProxy({ upstreams: [{ endpoints: [origin] }] });
    await using client = await connectRaw(proxy.port);
    for (let n = 0; n < 2; n++) {
      client.send(request());
      assert.equal((await client.readResponse()).text, "0123456789".repeat(6));
    }
  });
});
