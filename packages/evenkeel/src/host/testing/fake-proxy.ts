/** A proxy that answers every connection with its number and does what a test's bytes say: "hold"
 * counts a request in flight until the connection ends, "faults" tells those in force, "crash" throws,
 * "hang" never returns. */
import { createServer, type Socket } from "node:net";
import { parentPort, workerData } from "node:worker_threads";
import { openBoard, workerGauge } from "../../board/board.ts";
import { acquire } from "../../board/lock.ts";
import type { FromProxy, ProxyStart, ToProxy } from "../../snapshot/messages.ts";

const start = workerData as ProxyStart;
const board = openBoard(start.board, start.workers);
const own = board.counters[start.worker]!;
const port = parentPort!;
const post = (message: FromProxy): void => port.postMessage(message);
const sockets = new Set<Socket>();
let { faults } = start;

const sampling = setInterval(() => {
  own.worker[workerGauge.sampledAtMs] = Date.now();
}, 50);

const server = createServer((socket) => {
  sockets.add(socket);
  socket.on("close", () => sockets.delete(socket));
  socket.on("error", () => socket.destroy());
  socket.on("data", (data) => obey(data.toString(), socket));
  socket.write(`proxy ${start.worker} snapshot ${start.snapshot.version}\n`);
});

function obey(word: string, socket: Socket): void {
  if (word === "hold") {
    Atomics.add(board.inFlight, 0, 1);
    own.inFlight[0] = own.inFlight[0]! + 1;
    acquire(board.lock, 3, start.worker);
    socket.write("held\n");
  } else if (word === "faults") {
    socket.write(`${faults.map(({ id }) => id).join()}\n`);
  } else if (word === "crash") {
    setImmediate(fail);
  } else if (word === "hang") {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  }
}

function fail(): never {
  throw new Error("forced crash of a proxy");
}

port.on("message", (message: ToProxy) => {
  switch (message.kind) {
    case "snapshot":
      return post({ kind: "applied", version: message.snapshot.version });
    case "crash":
      return void setImmediate(fail);
    case "drain":
      server.close();
      if (sockets.size === 0) return post({ kind: "drained", cut: 0 });
      setTimeout(() => post({ kind: "drained", cut: sockets.size }), message.deadlineMs);
      return;
    case "faults":
      ({ faults } = message);
      return;
    case "log":
    case "reopen_logs":
      return clearInterval(sampling);
  }
});

const address = start.snapshot.listeners[0]!.addresses[0]!;
server.listen({ ...address, reusePort: true }, () => {
  post({ kind: "listening", listener: "web", ...address });
  post({ kind: "ready" });
});
