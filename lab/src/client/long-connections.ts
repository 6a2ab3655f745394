/**
 * WebSockets and downloads that are open during a whole run, and the count of those that broke.
 */
import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";

import { acceptKey, downloadPath, pieceBytes, pieceEveryMs } from "../origin/long-answers.ts";

/** What became of the long connections. */
export interface LongCount {
  readonly opened: number;
  /** Ended before we ended them, or were answered wrongly. */
  readonly broken: number;
}

/** Long connections under way; disposing of them closes them. */
export interface LongConnections extends Disposable {
  /** Resolves when every WebSocket stands and every download has begun. */
  readonly standing: Promise<unknown>;
  /** The count up to now. */
  count(): LongCount;
}

const WEBSOCKETS = 20;
const DOWNLOADS = 10;
const MESSAGE_EVERY_MS = 200;
/** A message that is not back by then is lost. */
const ECHO_WITHIN_MS = 5_000;

/** Opens them. The downloads last at least `lengthMs`. */
export function openLongConnections(port: number, lengthMs: number): LongConnections {
  const sockets = Array.from({ length: WEBSOCKETS }, () => openWebSocket(port));
  const pieces = Math.ceil(lengthMs / pieceEveryMs);
  const all = [...sockets, ...Array.from({ length: DOWNLOADS }, () => openDownload(port, pieces))];
  return {
    standing: Promise.all(all.map(({ standing }) => standing)),
    count: () => ({ opened: all.length, broken: all.filter((one) => one.isBroken()).length }),
    [Symbol.dispose]() {
      for (const one of all) one.close();
    },
  };
}

interface Long {
  readonly standing: Promise<void>;
  isBroken(): boolean;
  close(): void;
}

/** Messages of eight bytes, numbered, each of which must come back. What crosses a balancer after
 * the handshake are bytes to it; frames would add nothing. */
function openWebSocket(port: number): Long {
  const key = randomBytes(16).toString("base64");
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  let broken = false;
  let sent = 0;
  let expected = 0;
  let lastEchoAt = 0;
  let timer: NodeJS.Timeout | undefined;
  let pending = Buffer.alloc(0);
  const { promise: standing, resolve, reject } = Promise.withResolvers<void>();
  const begin = (head: string): void => {
    if (!head.startsWith("HTTP/1.1 101") || !head.includes(acceptKey(key))) {
      reject(new Error(`no WebSocket: ${head}`));
      return;
    }
    lastEchoAt = performance.now();
    timer = setInterval(() => {
      const message = Buffer.alloc(8);
      message.writeUInt32BE(sent++, 4);
      socket.write(message);
    }, MESSAGE_EVERY_MS);
    resolve();
  };
  socket.on("data", (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    if (!timer) {
      const end = pending.indexOf("\r\n\r\n");
      if (end < 0) return;
      begin(pending.toString("latin1", 0, end));
      pending = pending.subarray(end + 4);
    }
    for (; pending.length >= 8; pending = pending.subarray(8)) {
      if (pending.readUInt32BE(4) !== expected++) broken = true;
      lastEchoAt = performance.now();
    }
  });
  onEnd(socket, () => {
    broken = true;
    clearInterval(timer);
    reject(new Error("the WebSocket's connection ended before its handshake"));
  });
  socket.write(
    `GET /socket HTTP/1.1\r\nHost: lab\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
  );
  return {
    standing,
    isBroken: () => broken || performance.now() - lastEchoAt > ECHO_WITHIN_MS,
    close() {
      clearInterval(timer);
      socket.destroy();
    },
  };
}

/** A download counts as broken when it ends before its last byte. */
function openDownload(port: number, pieces: number): Long {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  let received = 0;
  let ended = false;
  const { promise: standing, resolve, reject } = Promise.withResolvers<void>();
  socket.on("data", (chunk) => {
    if (received === 0 && !chunk.toString("latin1", 0, 15).startsWith("HTTP/1.1 200")) {
      reject(new Error(`no download: ${chunk.toString("latin1", 0, 60)}`));
    }
    received += chunk.length;
    resolve();
  });
  onEnd(socket, () => {
    ended = true;
    reject(new Error("the download's connection ended before its answer"));
  });
  socket.write(`GET ${downloadPath(pieces)} HTTP/1.1\r\nHost: lab\r\n\r\n`);
  return {
    standing,
    isBroken: () => ended && received < pieces * pieceBytes,
    close: () => socket.destroy(),
  };
}

function onEnd(socket: Socket, ended: () => void): void {
  socket.on("error", ended);
  socket.on("end", ended);
}
