/**
 * Every message of the corpus sent through a running proxy: what is refused never reaches the other
 * side, what is accepted reaches it as exactly one message by another parser's count.
 */
import assert from "node:assert/strict";
import { type AddressInfo, createServer } from "node:net";
import { after, before, describe, test } from "node:test";

import { HTTPParser } from "http-parser-js";

import {
  type RunningProxy,
  startProxy,
} from "../../packages/evenkeel/src/proxy/testing/start-proxy.ts";
import { corpusLimits, requestCases, responseCases } from "../corpus/index.ts";
import { type Origin, startOrigin } from "../support/origin.ts";
import { connectRaw, exchange } from "../support/raw-client.ts";
import { waitFor } from "../support/wait-for.ts";

interface ParsedRequest {
  readonly method: string;
  readonly target: string;
  readonly host: string;
  readonly body: string;
}

/** The requests in `bytes` by http-parser-js; throws where it finds an error. */
function parseRequests(bytes: Buffer): ParsedRequest[] {
  const requests: ParsedRequest[] = [];
  const parser = new HTTPParser(HTTPParser.REQUEST);
  let head = { method: "", target: "", host: "" };
  let body = "";
  parser[HTTPParser.kOnHeadersComplete] = (info) => {
    const { headers } = info;
    const at = headers.findIndex((name, index) => index % 2 === 0 && /^host$/i.test(name));
    head = {
      method: HTTPParser.methods[info.method] ?? "",
      target: info.url,
      host: headers[at + 1] ?? "",
    };
    body = "";
  };
  parser[HTTPParser.kOnBody] = (piece, offset, length) => {
    body += piece.toString("latin1", offset, offset + length);
  };
  parser[HTTPParser.kOnMessageComplete] = () => {
    requests.push({ ...head, body });
  };
  const result = parser.execute(bytes, 0, bytes.length);
  if (result instanceof Error) throw result;
  return requests;
}

/** The body in a verdict's words; empty for none. */
function bodyOf(expected: string): string {
  const quoted = / body=("(?:[^"\\]|\\.)*")/.exec(expected)?.[1];
  if (quoted === undefined) return "";
  return JSON.parse(quoted.replace(/\\x([0-9a-f]{2})/g, "\\u00$1")) as string;
}

describe("a request of the corpus", () => {
  let origin: Origin;
  let proxy: RunningProxy;
  before(async () => {
    origin = await startOrigin();
    proxy = await startProxy({
      upstreams: [{ endpoints: [origin], pool: { maxIdle: 0 } }],
      listener: {
        limits: {
          requestLineBytes: corpusLimits.lineBytes,
          headerBytes: corpusLimits.headerBytes,
          headerCount: corpusLimits.headerCount,
        },
      },
    });
  });
  after(async () => {
    await proxy[Symbol.asyncDispose]();
    await origin.stop();
  });

  /** Sends the bytes and ends; resolves with the answer's status, 0 for none, once all is over. */
  async function send(bytes: Buffer | string): Promise<number> {
    await using client = await connectRaw(proxy.port);
    client.send(bytes).endWrite();
    const answer = (await client.readUntilClose()).toString("latin1");
    await proxy.quiet();
    const final = answer.replace(/^(HTTP\/1\.1 1\d\d [^]*?\r\n\r\n)+/, "");
    return Number(/^HTTP\/1\.1 (\d{3}) /.exec(final)?.[1] ?? 0);
  }

  const refused = requestCases.filter(({ refusal }) => refusal !== undefined);
  for (const { name, bytes, refusal } of refused) {
    test(`is refused: ${name}`, async () => {
      const connections = origin.connections.length;
      const requests = origin.requests.length;
      const behind = Buffer.from("\r\nGET /behind HTTP/1.1\r\nHost: behind\r\n\r\n");
      const status = await send(Buffer.concat([bytes, behind]));
      assert.equal(status, refusal!.status);
      // Bodies are passed on as they come: of those a beginning may have arrived, never a whole.
      const passing = refusal!.code === "bad_chunk" || refusal!.code === "bad_trailer";
      if (!passing) assert.equal(origin.connections.length, connections);
      assert.ok(origin.requests.slice(requests).every(({ done }) => !done));
      assert.ok(!origin.receivedText.includes("behind"));
    });
  }

  const incomplete = requestCases.filter(({ expected }) => expected === "incomplete");
  for (const { name, bytes } of incomplete) {
    test(`never becomes one: ${name}`, async () => {
      const requests = origin.requests.length;
      await send(bytes);
      assert.ok(origin.requests.slice(requests).every(({ done }) => !done));
    });
  }

  const accepted = requestCases.filter(
    ({ expected, refusal }) => refusal === undefined && expected !== "incomplete",
  );
  for (const { name, bytes, expected } of accepted) {
    test(`arrives as one: ${name}`, async () => {
      const connections = origin.connections.length;
      const status = await send(bytes);
      const [method = "", target = "", host = ""] = expected.split(" ");
      if (status === 400) {
        // A path that leads above the root is well-formed and refused all the same.
        assert.match(target, /\.\.|%/);
        assert.equal(origin.connections.length, connections);
        return;
      }
      assert.equal(status, 200);
      const rest = / rest=/.test(expected);
      const arrived = origin.connections[connections]!.received;
      if (!HTTPParser.methods.includes(method)) return;
      const requests = parseRequests(arrived);
      if (!rest) assert.equal(origin.connections.length, connections + 1);
      assert.equal(requests.length, 1, arrived.toString("latin1"));
      assert.equal(requests[0]!.method, method);
      assert.equal(requests[0]!.body, bodyOf(expected));
      if (!/\.\.?\/|%|\/\//.test(target)) assert.equal(requests[0]!.target, target);
      const authority = /\((.*)\)$/.exec(host)?.[1] ?? host;
      if (host !== "-") assert.equal(requests[0]!.host, authority);
    });
  }
});

describe("a response of the corpus", () => {
  let answer: Buffer = Buffer.alloc(0);
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => {}); // the proxy may cut it off
    socket.once("data", () => socket.end(answer));
    socket.on("end", () => socket.end());
  });
  let proxy: RunningProxy;
  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    proxy = await startProxy({
      upstreams: [
        {
          endpoints: [port],
          responseHeaderBytes: corpusLimits.headerBytes,
          responseHeaderCount: corpusLimits.headerCount,
        },
      ],
      routes: [{ retry: { attempts: 0 } }],
    });
  });
  after(async () => {
    await proxy[Symbol.asyncDispose]();
    server.close();
  });

  // A proxy has one bound for the status line and the fields, the corpus has two.
  const fitting = responseCases.filter(
    ({ bytes, refusal }) =>
      refusal?.code !== "response_header_too_large" ||
      bytes.indexOf("\r\n") <= corpusLimits.lineBytes,
  );
  for (const { name, bytes, expected, requestWasHead } of fitting) {
    const method = requestWasHead ? "HEAD" : "GET";
    const request = `${method} / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n`;
    const whole = /^[2-5]\d\d /.test(expected);
    test(`${whole ? "is passed on" : "is never passed on broken"}: ${name}`, async () => {
      answer = bytes;
      const read = exchange(proxy.port, request, { method });
      if (whole) {
        const { status, text } = await read;
        assert.equal(String(status), expected.slice(0, 3));
        assert.equal(text, bodyOf(expected));
        return;
      }
      // Where the head was passed on already, the connection must break.
      const outcome = await read.then(
        ({ status }) => status,
        (error: Error) => error.message,
      );
      if (outcome !== 502) assert.match(String(outcome), /connection (ended|was reset)/);
      await waitFor("the attempt's end", () => proxy.board.inFlight[0] === 0);
    });
  }
});
