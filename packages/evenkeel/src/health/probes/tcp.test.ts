import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { describe, test } from "node:test";
import type { ProbeSettings } from "../../snapshot/desired.ts";
import { describeProbeContract } from "../testing/probe-contract.ts";
import { tcpScene } from "../testing/tcp-scene.ts";
import type { ProbeResult } from "./probe.ts";
import { runProbe } from "./run-probe.ts";
import { TCP_READ_LIMIT_BYTES } from "./tcp.ts";

const quiet = (): void => undefined;
const asks = (send: string | undefined, expect: string | undefined): ProbeSettings => ({
  protocol: "tcp",
  send,
  expect,
});

describeProbeContract("tcp", runProbe, {
  passing: () => tcpScene(asks(undefined, undefined), quiet),
  failing: () => tcpScene(asks(undefined, undefined), quiet, { refusing: true }),
  silent: (timeoutMs) => tcpScene(asks("PING", "PONG"), (socket) => socket.resume(), { timeoutMs }),
});

describe("tcp checks", () => {
  const echo = (socket: Socket): void => {
    socket.on("data", (piece) => socket.write(`you said ${piece.toString()}`));
  };
  const cases: {
    name: string;
    send?: string;
    expect?: string;
    serve: (socket: Socket) => void;
    verdict: ProbeResult["verdict"];
    detail: RegExp;
  }[] = [
    {
      name: "a banner",
      expect: "+OK",
      serve: (socket) => socket.write("220 +OK ready"),
      verdict: "passed",
      detail: /expected text/u,
    },
    {
      name: "an answer",
      send: "PING\r\n",
      expect: "said PING\r\n",
      serve: echo,
      verdict: "passed",
      detail: /expected text/u,
    },
    {
      name: "sending is enough",
      send: "PING",
      serve: (socket) => socket.resume(),
      verdict: "passed",
      detail: /^connected to port \d+$/u,
    },
    {
      name: "closed too early",
      expect: "+OK",
      serve: (socket) => socket.end("-ERR"),
      verdict: "failed",
      detail: /^closed the connection before/u,
    },
    {
      name: "reset",
      expect: "+OK",
      serve: (socket) => socket.resetAndDestroy(),
      verdict: "failed",
      detail: /^connection reset$/u,
    },
    {
      name: "too much of the wrong",
      expect: "+OK",
      serve: (socket) => socket.write("x".repeat(TCP_READ_LIMIT_BYTES)),
      verdict: "failed",
      detail: /not with the expected/u,
    },
  ];
  for (const { name, send, expect, serve, verdict, detail } of cases) {
    test(name, async () => {
      await using scene = await tcpScene(asks(send, expect), serve);
      const result = await runProbe(scene.request, new AbortController().signal);
      assert.equal(result.verdict, verdict, result.detail);
      assert.match(result.detail, detail);
    });
  }
  test("a refused connection says so", async () => {
    await using scene = await tcpScene(asks(undefined, undefined), quiet, { refusing: true });
    const result = await runProbe(scene.request, new AbortController().signal);
    assert.equal(result.detail, "connection refused");
  });
});
