/**
 * Reads an accepted connection into one buffer that all connections of a proxy share.
 *
 * Node gives every read of an accepted socket a buffer of its own (64 KiB reserved, then cut down)
 * and passes it through a stream: about a tenth of what proxying a small request costs. Sockets
 * that dial can have `onread` instead; accepted ones can't, so the connection is moved into a socket
 * made with it. Its handle is not public in Node: where it is not found as expected, the connection
 * is read the ordinary way.
 */
import { Socket, type OnReadOpts } from "node:net";

import type { Direct, Reader } from "./direct.ts";

/** What `net` accepts beyond its documented options. */
interface AdoptingOptions {
  readonly handle: Handle;
  readonly allowHalfOpen: boolean;
  readonly onread: OnReadOpts;
}

interface Handle {
  readStart(): number;
}

const AdoptingSocket = Socket as unknown as new (options: AdoptingOptions) => Socket;

/** Who gets an accepted connection's bytes. */
export interface ClientReader extends Reader {
  /** The bytes before `end`, good until it returns: what is to be kept must be copied. */
  read(bytes: Buffer, end: number): void;
}

/** Takes over a connection that was accepted paused (`pauseOnConnect`) and starts reading, into
 * `shared` where that can be had: `readDirectly` tells how much. */
export function adoptSocket(
  accepted: Socket,
  shared: Buffer,
  direct: Direct,
  reader: ClientReader,
): Socket {
  const holder = accepted as unknown as { _handle: Handle | null };
  const handle = holder._handle;
  if (handle === null || typeof handle?.readStart !== "function") {
    accepted.on("data", (bytes) => reader.read(bytes, bytes.length));
    accepted.resume();
    return accepted;
  }
  // From here on the accepted socket is an empty shell that nothing refers to.
  holder._handle = null;
  const socket = new AdoptingSocket({
    handle,
    allowHalfOpen: true,
    onread: {
      buffer: shared,
      callback(length) {
        reader.read(shared, length);
        return true;
      },
    },
  });
  direct.read(socket, reader);
  return socket;
}
