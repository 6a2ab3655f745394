/** The generator's threads against real sockets. Nothing here is judged by how long it took. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { describe, test } from "node:test";

import { createGenerator, type Generator, type StepLoad } from "./generator.ts";
import { type LoadRequest, type RequestOptions, writeRequest } from "./load-request.ts";
import type { StepMeasurement } from "./step-measurement.ts";

const deadline = { timeout: 30_000 };
const fine = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/** What an origin does with a request: its number on the connection, and over all. */
type Answer = (socket: Socket, request: { text: string; ofConnection: number; of: number }) => void;

interface TestOrigin extends AsyncDisposable {
  readonly port: number;
  readonly requests: number;
  readonly connections: number;
}

/** An origin that reads requests without bodies. */
async function startOrigin(answer: Answer): Promise<TestOrigin> {
  let requests = 0;
  let connections = 0;
  const open = new Set<Socket>();
  const origin: Server = createServer((socket) => {
    connections++;
    open.add(socket);
    let text = "";
    let ofConnection = 0;
    socket.on("error", () => {}); // "close" follows.
    socket.on("close", () => open.delete(socket));
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      while (text.includes("\r\n\r\n")) {
        const end = text.indexOf("\r\n\r\n") + 4;
        answer(socket, { text: text.slice(0, end), ofConnection: ++ofConnection, of: ++requests });
        text = text.slice(end);
      }
    });
  });
  origin.listen(0, "127.0.0.1");
  await once(origin, "listening");
  return {
    port: (origin.address() as AddressInfo).port,
    get requests() {
      return requests;
    },
    get connections() {
      return connections;
    },
    async [Symbol.asyncDispose]() {
      origin.close();
      for (const socket of open) socket.destroy();
      await once(origin, "close");
    },
  };
}

function requestTo(
  port: number,
  change: Partial<LoadRequest & Pick<RequestOptions, "headers" | "body">> = {},
): LoadRequest {
  const url = new URL(`http://127.0.0.1:${port}/x?y=1`);
  const { method = "GET", headers = [], body, keepAlive = true, ...rest } = change;
  return {
    url: url.href,
    method,
    address: "127.0.0.1",
    port,
    tls: undefined,
    bytes: writeRequest({ url, method, headers, body, keepAlive }),
    keepAlive,
    timeoutMs: 5_000,
    expected: [[200, 399]],
    ...rest,
  };
}

const shortStep: StepLoad = {
  mode: "open",
  ratePerSecond: 100,
  warmUpMs: 0,
  holdMs: 500,
  maxConnections: 50,
  maxQueue: 1_000,
};

async function runOnce(
  request: LoadRequest,
  step: StepLoad = shortStep,
  threads = 1,
  during: (generator: Generator) => void = () => {},
): Promise<StepMeasurement> {
  const generator = await createGenerator({ request, threads, polling: false });
  try {
    const running = generator.run(step);
    during(generator);
    return await running;
  } finally {
    await generator.close();
  }
}

describe("an open loop", () => {
  test("sends what is due, on few connections, over all threads", deadline, async () => {
    await using origin = await startOrigin((socket) => socket.write(fine));
    const measured = await runOnce(requestTo(origin.port), { ...shortStep, warmUpMs: 200 }, 2);
    assert.equal(measured.requests, 50);
    assert.equal(measured.answered, 50);
    assert.equal(origin.requests, 70, "and 20 to warm up");
    assert.deepEqual(measured.statuses, [[200, 50]]);
    assert.equal(measured.threads.length, 2);
    assert.ok(measured.openConnections >= 2 && measured.openConnections <= origin.connections + 1);
    assert.ok(measured.bytes >= 70 * fine.length);
    assert.equal(measured.lag.totalCount, 50);
  });

  test("goes on with its schedule while nobody answers, and waiting counts", deadline, async () => {
    const waiting: Socket[] = [];
    await using origin = await startOrigin((socket) => {
      waiting.push(socket);
      // All answers at once, when every connection is busy and half the step is over.
      if (waiting.length === 10) {
        setTimeout(() => {
          for (const one of waiting.splice(0)) one.write(fine);
        }, 200);
      }
    });
    const measured = await runOnce(requestTo(origin.port, { timeoutMs: 10_000 }), {
      ...shortStep,
      maxConnections: 10,
    });
    assert.equal(measured.requests, 50);
    assert.equal(measured.answered, 50);
    assert.equal(measured.openConnections, 10);
    assert.ok(measured.waitedForConnection >= 30, String(measured.waitedForConnection));
    assert.ok(measured.latency.maxValue >= 200_000);
  });

  test("drops what has no room to wait, and counts it", deadline, async () => {
    await using origin = await startOrigin(() => {});
    const request = requestTo(origin.port, { timeoutMs: 700 });
    const measured = await runOnce(request, { ...shortStep, maxConnections: 5, maxQueue: 10 });
    const { timeout, dropped } = measured.failures;
    assert.equal(measured.requests, 50);
    assert.equal(measured.answered, 0);
    // Five go out at once, ten wait until those have timed out.
    assert.equal(timeout, 15);
    assert.equal(dropped, 35);
    assert.equal(new Map(measured.reasons).get("dropped: too many waited"), 35);
    assert.equal(measured.latency.totalCount, 15, "timeouts count with the time that was waited");
    assert.ok(measured.latency.maxValue >= 700_000);
  });

  test("drops what never got a connection within its time", deadline, async () => {
    await using origin = await startOrigin(() => {});
    // The origin takes the connection, but never answers the handshake.
    const tls = { serverName: "", insecure: true };
    const request = requestTo(origin.port, { timeoutMs: 400, tls });
    const measured = await runOnce(request, { ...shortStep, maxConnections: 5 });
    const { connect, dropped } = measured.failures;
    assert.equal(measured.requests, 50);
    assert.equal(connect + dropped, 50);
    const reasons = new Map(measured.reasons);
    assert.equal(reasons.get("dropped: waited too long"), dropped);
    assert.equal(reasons.get("connect: not connected in time"), connect);
    assert.ok(dropped >= 20, String(dropped));
  });

  test("ends early when it is cut, with what it has", deadline, async () => {
    let heard = (): void => {};
    const tenth = new Promise<void>((resolve) => (heard = resolve));
    await using origin = await startOrigin((socket, { of }) => {
      socket.write(fine);
      if (of === 10) heard();
    });
    const step = { ...shortStep, holdMs: 60_000 };
    const measured = await runOnce(requestTo(origin.port), step, 1, (generator) => {
      void tenth.then(() => generator.cut());
    });
    assert.equal(measured.cutShort, true);
    assert.ok(measured.windowMs < 60_000);
    assert.ok(measured.requests >= 9 && measured.requests < 6_000, String(measured.requests));
    assert.equal(measured.failures.timeout, 0);
  });

  test("a service that hangs does not hold up a cut", deadline, async () => {
    let heard = (): void => {};
    const first = new Promise<void>((resolve) => (heard = resolve));
    await using origin = await startOrigin(() => heard());
    const request = requestTo(origin.port, { timeoutMs: 600_000 });
    const measured = await runOnce(request, { ...shortStep, holdMs: 60_000 }, 1, (generator) => {
      void first.then(() => generator.cut());
    });
    assert.equal(measured.requests, 0, "what is still out is neither answered nor failed");
  });

  test("uses one generator for one step after another", deadline, async () => {
    await using origin = await startOrigin((socket) => socket.write(fine));
    const request = requestTo(origin.port);
    const generator = await createGenerator({ request, threads: 1, polling: true });
    const first = await generator.run(shortStep);
    const closed = await generator.run({
      mode: "closed",
      connections: 3,
      warmUpMs: 0,
      holdMs: 100,
    });
    const second = await generator.run(shortStep);
    await generator.close();
    assert.deepEqual([first.answered, second.answered], [50, 50]);
    assert.equal(closed.openConnections, 3);
  });
});

describe("a closed loop", () => {
  const step: StepLoad = { mode: "closed", connections: 20, warmUpMs: 0, holdMs: 300 };

  test("has one request out per connection", deadline, async () => {
    let most = 0;
    let out = 0;
    await using origin = await startOrigin((socket) => {
      most = Math.max(most, ++out);
      setTimeout(() => {
        out--;
        socket.write(fine);
      }, 10);
    });
    const measured = await runOnce(requestTo(origin.port), step, 2);
    assert.equal(most, 20);
    assert.equal(origin.connections, 20);
    assert.equal(measured.openConnections, 20);
    assert.equal(measured.answered, measured.requests);
    assert.ok(measured.answered >= 20);
  });

  test("tries again when connections are refused, but not without a pause", deadline, async () => {
    const origin = await startOrigin(() => {});
    const { port } = origin;
    await origin[Symbol.asyncDispose]();
    const measured = await runOnce(requestTo(port), { ...step, connections: 5 });
    assert.equal(measured.answered, 0);
    assert.equal(measured.failures.connect, measured.requests);
    assert.ok(measured.requests >= 5 && measured.requests <= 25, String(measured.requests));
  });
});

describe("outcomes", () => {
  const outcomes: readonly (readonly [
    name: string,
    answer: Answer,
    kind: keyof StepMeasurement["failures"] | "fine",
    reason: RegExp | undefined,
  ])[] = [
    [
      "an answer in pieces",
      (socket) => {
        socket.write(fine.slice(0, 20));
        setImmediate(() => socket.write(fine.slice(20)));
      },
      "fine",
      undefined,
    ],
    [
      "chunks",
      (socket) =>
        socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"),
      "fine",
      undefined,
    ],
    [
      "an answer that ends with the connection",
      (socket) => socket.end("HTTP/1.1 200 OK\r\n\r\nok"),
      "fine",
      undefined,
    ],
    [
      "a close after each answer",
      (socket) => socket.end("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"),
      "fine",
      undefined,
    ],
    [
      "a status that is not fine",
      (socket) => socket.write("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"),
      "status",
      /status: answer 503/,
    ],
    ["a close without an answer", (socket) => socket.end(), "reset", /closed before an answer/],
    ["a reset", (socket) => socket.resetAndDestroy(), "reset", /ECONNRESET before an answer/],
    [
      "a cut-off answer",
      (socket) => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok"),
      "reset",
      /within an answer/,
    ],
    [
      "something else than HTTP",
      (socket) => socket.write("220 mail.example ESMTP\r\n"),
      "framing",
      /status line/,
    ],
  ];
  for (const [name, answer, kind, reason] of outcomes) {
    test(`${name}: ${kind}`, deadline, async () => {
      await using origin = await startOrigin(answer);
      const measured = await runOnce(requestTo(origin.port), { ...shortStep, holdMs: 200 });
      assert.equal(measured.requests, 20);
      assert.equal(origin.requests, 20);
      if (kind === "fine") assert.deepEqual(measured.statuses, [[200, 20]]);
      else assert.equal(measured.failures[kind], 20);
      if (reason) assert.match(measured.reasons[0]?.[0] ?? "", reason);
      else assert.deepEqual(measured.reasons, []);
    });
  }

  test("refused: connect", deadline, async () => {
    const origin = await startOrigin(() => {});
    const { port } = origin;
    await origin[Symbol.asyncDispose]();
    const measured = await runOnce(requestTo(port), { ...shortStep, holdMs: 200 });
    assert.equal(measured.failures.connect, 20);
    assert.deepEqual(measured.reasons, [["connect: ECONNREFUSED", 20]]);
  });

  test("bytes nobody asked for end the connection, not the run", deadline, async () => {
    await using origin = await startOrigin((socket, { ofConnection }) => {
      socket.write(fine);
      if (ofConnection === 1) setTimeout(() => socket.write("HTTP/1.1 408 Late\r\n\r\n"), 1);
    });
    const measured = await runOnce(requestTo(origin.port), { ...shortStep, ratePerSecond: 20 });
    assert.equal(measured.requests, 10);
    assert.ok(origin.connections > 1);
  });

  test("a connection for each request where keep-alive is off", deadline, async () => {
    let asked = "";
    await using origin = await startOrigin((socket, { text }) => {
      asked = text;
      socket.write(fine);
    });
    const request = requestTo(origin.port, { keepAlive: false });
    const measured = await runOnce(request, { ...shortStep, holdMs: 200 });
    assert.equal(measured.answered, 20);
    assert.equal(origin.connections, 20);
    assert.match(asked, /\r\nConnection: close\r\n/);
  });

  test("HEAD is answered without a body", deadline, async () => {
    await using origin = await startOrigin((socket) =>
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"),
    );
    const request = requestTo(origin.port, { method: "HEAD" });
    const measured = await runOnce(request, { ...shortStep, holdMs: 200 });
    assert.deepEqual(measured.statuses, [[200, 20]]);
  });
});

describe("the request", () => {
  const url = new URL("http://shop.example:8080/a?b=1#c");
  const text = (change: Partial<RequestOptions>): string =>
    Buffer.from(
      writeRequest({
        url,
        method: "GET",
        headers: [],
        body: undefined,
        keepAlive: true,
        ...change,
      }),
    ).toString("latin1");

  test("has what HTTP/1.1 wants", () => {
    assert.match(
      text({}),
      /^GET \/a\?b=1 HTTP\/1\.1\r\nHost: shop\.example:8080\r\nUser-Agent: evenkeel-bench\/[\d.]+\r\nAccept: \*\/\*\r\n\r\n$/,
    );
  });

  test("takes the user's fields instead of its own", () => {
    const written = text({
      headers: [
        ["host", "other"],
        ["X-A", "1"],
        ["X-A", "2"],
      ],
    });
    assert.doesNotMatch(written, /Host: shop/);
    assert.match(written, /\r\nhost: other\r\nX-A: 1\r\nX-A: 2\r\n\r\n$/);
  });

  test("has a length where it has a body, or could have one", () => {
    const posted = text({ method: "POST", body: Buffer.from("héllo") });
    assert.match(posted, /\r\nContent-Length: 6\r\n/);
    assert.match(text({ method: "POST" }), /\r\nContent-Length: 0\r\n/);
  });
});
