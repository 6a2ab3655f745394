import assert from "node:assert/strict";
import { createServer, type Server, type Socket } from "node:net";
import { after, before, beforeEach, test } from "node:test";

import { writeBody } from "../origin/answer-body.ts";
import { startLoad } from "./load.ts";
import { outcomeOf, reasons, type Recording, Tally } from "./recording.ts";

/** What the far end does with the request of that number. */
let answer: (socket: Socket, id: number) => void;
let server: Server;
let port = 0;
let connections = 0;

before(async () => {
  server = createServer((socket) => {
    connections++;
    socket.on("error", () => {}); // the client may go first
    socket.on("data", (chunk) => {
      answer(socket, Number(/^GET \/work\/(\d+) /.exec(chunk.toString())?.[1]));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  ({ port } = address);
});
after(() => server.close());
beforeEach(() => {
  connections = 0;
});

function reply(socket: Socket, body: Buffer, status = 200): void {
  socket.write(`HTTP/1.1 ${status} X\r\nContent-Length: ${body.length}\r\n\r\n`);
  socket.write(body);
}

async function run(ratePerSecond: number, seconds: number): Promise<Recording> {
  await using load = startLoad({ port, ratePerSecond, seconds, warmUpSeconds: 0 });
  await load.done;
  return load.recording;
}

function reasonAt(recording: Recording, index: number): string {
  return `${outcomeOf(recording, index)} ${reasons[recording.reason[index]!]}`;
}

test("every request is recorded with what became of it", async () => {
  const body = (id: number): Buffer => writeBody(id, 3);
  const fates: ((socket: Socket, id: number) => void)[] = [
    (socket, id) => reply(socket, body(id)),
    (socket) => reply(socket, Buffer.from("no"), 502),
    (socket, id) => reply(socket, body(id + 1)),
    (socket, id) => reply(socket, body(id).subarray(0, 500)),
    (socket) => socket.destroy(),
    (socket) => socket.end("HTTP/1.1 200 X\r\nContent-Length: 1024\r\n\r\nhalf"),
    (socket) => socket.write("what?\r\n\r\n"),
  ];
  answer = (socket, id) => fates[id % fates.length]!(socket, id);
  const recording = await run(70, 0.2);
  assert.deepEqual(
    Array.from({ length: 7 }, (_, index) => reasonAt(recording, index)),
    [
      "ok none",
      "failed status",
      "wrong body",
      "wrong body",
      "failed reset",
      "failed cut",
      "failed malformed",
    ],
  );
  assert.equal(recording.capacity, 14);
  assert.equal(recording.origin[0], 3);
  assert.equal(recording.tally[Tally.failed], 8);
  assert.equal(recording.tally[Tally.wrong], 4);
  assert.equal(recording.tally[Tally.connectionsLost], 4);
});

test("requests go out when they are due, whatever became of those before", async () => {
  const waiting: (() => void)[] = [];
  // Nothing is answered before the last request is there.
  answer = (socket, id) => {
    waiting.push(() => reply(socket, writeBody(id, 0)));
    if (id === 49) for (const go of waiting) go();
  };
  const recording = await run(100, 0.5);
  assert.equal(recording.tally[Tally.settled], 50);
  assert.equal(connections, 50);
  assert.equal(recording.dueMs[49], 490);
  const first = recording.endMs[0]! - recording.dueMs[0]!;
  const last = recording.endMs[49]! - 490;
  assert.ok(first >= 485, `the first one's latency counts from when it was due: ${first}`);
  assert.ok(last < first - 400, `${last} against ${first}`);
});

test("connections are kept and used again", async () => {
  answer = (socket, id) => reply(socket, writeBody(id, 0));
  const recording = await run(100, 0.5);
  assert.equal(recording.tally[Tally.failed], 0);
  assert.ok(connections < 25, `${connections} connections for 50 requests`);
});
