/**
 * Everything at once: clients and origins that misbehave at random while retries, hedging, queue,
 * bounds and sticky cookies are all on. Whatever happens, every whole answer is the right one and
 * all counts come back to zero.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import {
  type RunningProxy,
  startProxy,
} from "../../packages/evenkeel/src/proxy/testing/start-proxy.ts";
import { type AnswerOptions, type OriginRequest, startOrigin } from "../support/origin.ts";
import { connectRaw, type RawClient } from "../support/raw-client.ts";

/** Numbers from 0 to 1 (mulberry32), so that a failure can be had again. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const faults: readonly AnswerOptions[] = [
  {},
  {},
  {},
  {},
  { chunked: true },
  { chunked: true, trailers: [["X-T", "1"]] },
  { untilClose: true },
  { close: true },
  { delayMs: 30 },
  { delayMs: 120 },
  { interim: [103] },
  { status: 503 },
  { resetAfterBytes: 0 },
  { closeAfterBytes: 0 },
  { resetAfterBytes: 90 },
  { garbage: "nonsense\r\n\r\n" },
  { hang: "before-answer" },
  { hang: "in-body" },
  { answerBeforeRequestDone: true },
];

const ways = ["read", "read", "read", "reset", "end", "half"] as const;

/** Serves one connection's worth of disorder; counts whole answers. */
async function misbehave(proxy: RunningProxy, random: () => number, id: string): Promise<number> {
  await using client = await connectRaw(proxy.port);
  let whole = 0;
  for (let n = 0; n < 6; n++) {
    const path = `/${id}-${n}`;
    const body = "b".repeat(Math.floor(random() * 2_000));
    const kind = Math.floor(random() * 4);
    const head = `Host: a.example\r\n${random() < 0.2 ? "Cookie: ek=forged\r\n" : ""}`;
    const bytes = [
      `GET ${path} HTTP/1.1\r\n${head}\r\n`,
      `PUT ${path} HTTP/1.1\r\n${head}Content-Length: ${body.length}\r\n\r\n${body}`,
      `POST ${path} HTTP/1.1\r\n${head}Content-Length: ${body.length}\r\n\r\n${body}`,
      `PUT ${path} HTTP/1.1\r\n${head}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`,
    ][kind]!;
    const way = ways[Math.floor(random() * ways.length)]!;
    const cut = Math.floor(random() * bytes.length);
    client.send(bytes.slice(0, cut));
    if (way === "reset") {
      client.reset();
      return whole;
    }
    if (way === "half") {
      client.endWrite();
      await client.readUntilClose();
      return whole;
    }
    client.send(bytes.slice(cut));
    if (way === "end") client.endWrite();
    const kept = await readOne(client, path);
    if (kept !== "broken") whole++;
    if (kept !== "kept" || way === "end") return whole;
  }
  return whole;
}

/** Reads an answer: a page of the proxy's own, or exactly this request's. */
async function readOne(client: RawClient, path: string): Promise<"kept" | "closed" | "broken"> {
  try {
    const answer = await client.readResponse({ deadlineMs: 8_000 });
    if (answer.header("x-origin") !== undefined) assert.equal(answer.text, path);
    else assert.ok(answer.status >= 500, String(answer.status));
    return answer.header("connection") === "close" ? "closed" : "kept";
  } catch (error) {
    // A broken connection is an honest answer; silence is not.
    if (error instanceof assert.AssertionError) throw error;
    assert.match(String(error), /connection (ended|was reset)/);
    return "broken";
  }
}

describe("disorder", () => {
  for (const seed of [1, 2, 3]) {
    test(`leaves nothing behind (seed ${seed})`, async () => {
      const random = numbers(seed);
      const respond = ({ target }: OriginRequest): AnswerOptions => ({
        ...faults[Math.floor(random() * faults.length)],
        body: target,
      });
      await using one = await startOrigin({ respond });
      await using two = await startOrigin({ respond, closeIdleAfterMs: 20 });
      await using three = await startOrigin({ respond });
      await using proxy = await startProxy({
        upstreams: [
          {
            endpoints: [{ port: one.port, maxConns: 8 }, two, { port: three.port, maxFails: 5 }],
            queue: { max: 20, timeoutMs: 200 },
            retryBudget: { percent: 50, min: 10 },
            breaker: { maxConnections: 40, maxRetries: 20 },
            sticky: {
              cookie: "ek",
              maxAgeS: undefined,
              path: "/",
              domain: undefined,
              secure: false,
              httpOnly: true,
              sameSite: "lax",
            },
          },
        ],
        routes: [
          {
            timeouts: { firstByteMs: 150, idleMs: 100, totalMs: 1_000 },
            retry: { attempts: 2, on: ["connect_failure", "reset", "timeout", "503"] },
            hedge: { afterMs: 50, percentile: 0 },
          },
        ],
        listener: { timeouts: { headerMs: 300, bodyMs: 200, sendMs: 300, keepAliveMs: 300 } },
      });
      let whole = 0;
      for (let round = 0; round < 6; round++) {
        const clients = Array.from({ length: 40 }, (_, n) =>
          misbehave(proxy, random, `${round}-${n}`),
        );
        for (const count of await Promise.all(clients)) whole += count;
        if (round === 2) proxy.setState(1, 0);
        if (round === 3) proxy.setState(1, 3);
      }
      assert.ok(whole > 200, `only ${whole} whole answers`);
    });
  }
});
