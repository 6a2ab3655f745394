/** Faults on purpose: clients see what they would if the origin or the network had done it. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import type { ReasonCode } from "../../packages/evenkeel/src/errors/catalogue.ts";
import { startProxy } from "../../packages/evenkeel/src/proxy/testing/start-proxy.ts";
import type { FaultEffect, FaultSettings } from "../../packages/evenkeel/src/snapshot/fault.ts";
import { startOrigin } from "../support/origin.ts";
import { exchange, type RawResponse } from "../support/raw-client.ts";

const get = "GET / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n";
const post = `POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello`;

function fault(effect: FaultEffect, endpoint = "", lastsMs = 60_000): FaultSettings {
  const scope = { upstream: "", endpoint, route: "", header: undefined, percent: 100 };
  return { id: "f", scope, effect, untilMs: Date.now() + lastsMs };
}

const bodyOf = ({ body }: RawResponse): string => body.toString("latin1");

/** One origin alone, without retries. */
const alone = (port: number) => ({
  routes: [
    { retry: { attempts: 0 }, timeouts: { firstByteMs: 150, connectMs: 100, totalMs: 5000 } },
  ],
  upstreams: [{ endpoints: [{ port }] }],
});

const broken: readonly (readonly [FaultEffect, number, ReasonCode])[] = [
  [{ kind: "hang" }, 504, "first_byte_timeout"],
  [{ kind: "reset" }, 502, "origin_reset"],
  [{ kind: "partition" }, 504, "connect_timeout"],
  [{ kind: "latency", delayMs: 3000, jitterMs: 0 }, 504, "first_byte_timeout"],
];

describe("a fault in traffic", () => {
  for (const [effect, status, reason] of broken) {
    for (const [name, request] of [
      ["GET", get],
      ["POST", post],
    ] as const) {
      test(`${effect.kind}, ${name}: ${status} ${reason}`, async () => {
        await using origin = await startOrigin({ body: "well" });
        await using proxy = await startProxy(alone(origin.port));
        proxy.proxy.setFaults([fault(effect)]);
        assert.equal((await exchange(proxy.port, request)).status, status);
        assert.equal(proxy.ended(reason), 1);
        proxy.proxy.setFaults([]);
        assert.equal(bodyOf(await exchange(proxy.port, request)), "well");
      });
    }
  }

  test("abort is answered as the origin would have, which hears nothing", async () => {
    await using origin = await startOrigin({ body: "well" });
    await using proxy = await startProxy(alone(origin.port));
    proxy.proxy.setFaults([fault({ kind: "abort", status: 503 })]);
    assert.equal((await exchange(proxy.port, get)).status, 503);
    assert.equal((await exchange(proxy.port, post)).status, 503);
    assert.equal(origin.requests.length, 0);
  });

  test("latency within the time-outs only delays", async () => {
    await using origin = await startOrigin({ body: "well" });
    await using proxy = await startProxy(alone(origin.port));
    proxy.proxy.setFaults([fault({ kind: "latency", delayMs: 60, jitterMs: 0 })]);
    const startedMs = performance.now();
    assert.equal(bodyOf(await exchange(proxy.port, get)), "well");
    assert.ok(performance.now() - startedMs >= 55);
  });

  test("bandwidth spreads an answer over the time it asks for, and loses nothing", async () => {
    const body = "0123456789".repeat(100);
    await using origin = await startOrigin({ body });
    await using proxy = await startProxy(alone(origin.port));
    proxy.proxy.setFaults([fault({ kind: "bandwidth", bytesPerSecond: 2000 })]);
    const startedMs = performance.now();
    const answer = await exchange(proxy.port, get);
    assert.equal(bodyOf(answer), body);
    assert.ok(performance.now() - startedMs >= 450);
  });

  test("retries go on to an endpoint without a fault", async () => {
    await using bad = await startOrigin({ body: "bad" });
    await using good = await startOrigin({ body: "good" });
    await using proxy = await startProxy({
      upstreams: [{ endpoints: [{ port: bad.port }, { port: good.port }] }],
    });
    const name = `127.0.0.1:${bad.port}`;
    proxy.proxy.setFaults([fault({ kind: "reset" }, name)]);
    for (let count = 0; count < 4; count++) {
      assert.equal(bodyOf(await exchange(proxy.port, get)), "good");
    }
  });

  test("a fault that nobody takes back ends by itself", async () => {
    await using origin = await startOrigin({ body: "well" });
    await using proxy = await startProxy(alone(origin.port));
    proxy.proxy.setFaults([fault({ kind: "abort", status: 503 }, "", -1)]);
    assert.equal((await exchange(proxy.port, get)).status, 200);
  });
});
