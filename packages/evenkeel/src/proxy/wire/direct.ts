/**
 * The way past `net.Socket` for the two things a proxy does with every request: taking what was read
 * and writing a little. A write through a stream makes a request object, walks the stream's states
 * and comes back with callbacks; together with what a read goes through on its way up, that is about
 * a fifth of what proxying a small request costs in user space.
 *
 * What is used for it is not public in Node: the socket's handle and the words in which handles tell
 * results (`process.binding("stream_wrap")`). Where they are not found as expected, everything
 * goes through the socket. The socket stays the owner either way: ends, errors, large writes and
 * whatever does not fit at once are its business.
 */
import type { Socket } from "node:net";
import { getSystemErrorName } from "node:util";

/** A handle as far as it is used here. */
interface Handle {
  /** Called with each result of a read; what it returns, if anything, is read into next. */
  onread: OnRead;
  writeBuffer(request: object, bytes: Uint8Array): number;
}

type OnRead = (this: Handle, chunk: unknown) => Uint8Array | undefined;

interface StreamWords {
  readonly WriteWrap: new () => WriteRequest;
  /** Results of the last call, by the places named below. */
  readonly streamBaseState: Int32Array;
  readonly kReadBytesOrError: number;
  readonly kLastWriteWasAsync: number;
}

/** What a write that does not fit at once is followed by. */
interface WriteRequest {
  oncomplete?: (status: number) => void;
  /** Nothing else keeps the memory alive that is written from. */
  buffer?: Uint8Array;
}

/** How a write went. */
export type Written =
  /** The kernel has it all. */
  | "now"
  /** The rest follows by itself: the memory must stay as it is until then. */
  | "later"
  /** Nothing was written: ask the socket. */
  | "not";

/** Who reads a socket. An object, not a function: engines inline methods of two classes into the one
 * place that calls them, but no two functions. */
export interface Reader {
  /** So many bytes were read, above 0. What is returned, if anything, is read into from then on, and
   * must be kept alive by the reader. */
  readDirectly(length: number): Buffer | undefined;
}

/** Reading and writing past the streams of one thread's sockets. */
export interface Direct {
  /** Tells `reader` of each read instead of the `onread` that the socket was made with, into whose
   * buffer the first one goes. To be called when the socket is connected. */
  read(socket: Socket, reader: Reader): void;
  /** Writes all of `bytes` if the socket has nothing else to write. */
  write(socket: Socket, bytes: Uint8Array): Written;
}

/** What works with every Node: nothing is done here. */
const ordinary: Direct = { read: () => undefined, write: () => "not" };

/** Looks for what it needs; without it every call answers "ask the socket". */
export function createDirect(words: Partial<StreamWords> | undefined = findWords()): Direct {
  return isComplete(words) ? new DirectStreams(words) : ordinary;
}

class DirectStreams implements Direct {
  readonly #words: StreamWords;
  readonly #results: Int32Array;
  readonly #asyncAt: number;
  readonly #lengthAt: number;
  /** Serves every write that is done at once, which needs none, until one needs it. */
  #request: WriteRequest;
  /** Sockets with a write of ours under way. */
  readonly #busy = new Set<Socket>();

  constructor(words: StreamWords) {
    this.#words = words;
    this.#results = words.streamBaseState;
    this.#asyncAt = words.kLastWriteWasAsync;
    this.#lengthAt = words.kReadBytesOrError;
    this.#request = new words.WriteWrap();
  }

  read(socket: Socket, reader: Reader): void {
    const handle = handleOf(socket);
    if (handle === undefined) return;
    const throughSocket = handle.onread;
    const results = this.#results;
    const lengthAt = this.#lengthAt;
    handle.onread = function (chunk) {
      const length = results[lengthAt]!;
      // The end and errors are the socket's.
      return length > 0 ? reader.readDirectly(length) : throughSocket.call(this, chunk);
    };
  }

  write(socket: Socket, bytes: Uint8Array): Written {
    if (socket.writableLength > 0 || socket.writableCorked > 0) return "not";
    if (!socket.writable || socket.connecting) return "not";
    if (this.#busy.size > 0 && this.#busy.has(socket)) return "not";
    const handle = handleOf(socket);
    if (handle === undefined) return "not";
    const error = handle.writeBuffer(this.#request, bytes);
    if (error !== 0) {
      socket.destroy(writeError(error));
      return "now";
    }
    if (this.#results[this.#asyncAt] === 0) return "now";
    this.#followUp(socket, bytes);
    return "later";
  }

  #followUp(socket: Socket, bytes: Uint8Array): void {
    const request = this.#request;
    this.#request = new this.#words.WriteWrap();
    this.#busy.add(socket);
    request.buffer = bytes;
    request.oncomplete = (status) => {
      this.#busy.delete(socket);
      if (status < 0 && !socket.destroyed) socket.destroy(writeError(status));
    };
  }
}

function handleOf(socket: Socket): Handle | undefined {
  const { _handle: handle } = socket as unknown as { readonly _handle: Handle | null | undefined };
  return handle ?? undefined;
}

function writeError(code: number): Error {
  const name = getSystemErrorName(code);
  return Object.assign(new Error(`write ${name}`), { code: name, errno: code, syscall: "write" });
}

function findWords(): Partial<StreamWords> | undefined {
  const { binding } = process as unknown as { binding?: (name: string) => Partial<StreamWords> };
  try {
    return binding?.call(process, "stream_wrap");
  } catch {
    return undefined;
  }
}

function isComplete(words: Partial<StreamWords> | undefined): words is StreamWords {
  return (
    typeof words?.WriteWrap === "function" &&
    words.streamBaseState instanceof Int32Array &&
    typeof words.kReadBytesOrError === "number" &&
    typeof words.kLastWriteWasAsync === "number"
  );
}
