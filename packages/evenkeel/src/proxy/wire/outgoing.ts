/**
 * Octets on their way out, put together in memory that is used again: a head is copied from where it
 * was read to where it is written from, and never becomes a string.
 */
import type { Socket } from "node:net";

import { viewOf, WordView } from "../word-view.ts";
import type { Direct } from "./direct.ts";

/** Enough for most heads and small answers. */
const USUAL_BYTES = 2 * 1024;
/** Grown beyond this, memory is not kept for the next. */
const MOST_KEPT_BYTES = 64 * 1024;
/** Up to here a loop is faster than a call into the engine. */
const SHORT_TEXT = 24;
const SHORT_COPY_BYTES = 192;

/** See the file's head. Taken from `createOutgoings` and given back to it. */
export class Outgoing {
  length = 0;
  /** It is to be written soon, and must not be appended to or given back before. */
  isWaiting = false;
  #bytes: Buffer = Buffer.allocUnsafeSlow(USUAL_BYTES);
  /** The same in words. */
  #words = viewOf(this.#bytes);
  /** What was written last out of this memory: the next is often as long. */
  #view: Buffer = this.#bytes;
  readonly #sources: WordView;
  /** The socket still writes out of this memory: it must not be written into again. */
  #lent = false;

  /** `sources` may be shared: it saves time where the same buffer is copied from again and again. */
  constructor(sources: WordView) {
    this.#sources = sources;
  }

  /** Appends source[from, to). */
  copy(source: Buffer, from: number, to: number): void {
    const length = to - from;
    this.#reserve(length);
    if (length <= SHORT_COPY_BYTES) this.#copyWords(source, from, to);
    else source.copy(this.#bytes, this.length, from, to);
    this.length += length;
  }

  #copyWords(source: Buffer, from: number, to: number): void {
    const words = this.#words;
    const sourceWords = this.#sources.of(source);
    let at = this.length;
    let position = from;
    for (const last = to - 8; position <= last; position += 8, at += 8) {
      words.setBigInt64(at, sourceWords.getBigInt64(position, true), true);
    }
    const bytes = this.#bytes;
    while (position < to) bytes[at++] = source[position++]!;
  }

  /** Appends octets that don't change. */
  octets(constant: Uint8Array): void {
    this.#reserve(constant.length);
    this.#bytes.set(constant, this.length);
    this.length += constant.length;
  }

  /** Appends a string of octets, one per character. */
  text(text: string): void {
    const { length } = text;
    this.#reserve(length);
    const bytes = this.#bytes;
    const start = this.length;
    if (length > SHORT_TEXT) bytes.write(text, start, "latin1");
    else for (let at = 0; at < length; at++) bytes[start + at] = text.charCodeAt(at);
    this.length += length;
  }

  /** Appends the end of a line. */
  endLine(): void {
    this.#reserve(2);
    this.#bytes[this.length++] = 13;
    this.#bytes[this.length++] = 10;
  }

  /** Writes all of it; false where the socket holds more back than it should. Can be done any number
   * of times. */
  writeTo(socket: Socket, direct: Direct): boolean {
    const bytes = this.#viewOfAll();
    const written = direct.write(socket, bytes);
    if (written === "now") return true;
    const flowing = written === "later" || socket.write(bytes);
    this.#lent ||= written === "later" || socket.writableLength > 0;
    return flowing;
  }

  /** Empties it. What is still being written stays as it is. */
  clear(): void {
    this.length = 0;
    if (!this.#lent && this.#bytes.length <= MOST_KEPT_BYTES) return;
    this.#writeInto(Buffer.allocUnsafeSlow(USUAL_BYTES));
  }

  #viewOfAll(): Buffer {
    if (this.#view.length === this.length) return this.#view;
    return (this.#view = this.#bytes.subarray(0, this.length));
  }

  #reserve(more: number): void {
    const wanted = this.length + more;
    if (wanted <= this.#bytes.length && !this.#lent) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(2 * this.#bytes.length, wanted));
    this.#bytes.copy(grown, 0, 0, this.length);
    this.#writeInto(grown);
  }

  #writeInto(memory: Buffer): void {
    this.#bytes = memory;
    this.#words = viewOf(memory);
    this.#view = memory;
    this.#lent = false;
  }
}

/** A stock of them, as large as were ever in use at once but for `most`. */
export interface Outgoings {
  /** An empty one. */
  take(): Outgoing;
  /** Takes one back that nobody appends to any more. */
  give(outgoing: Outgoing): void;
}

/** An empty stock that keeps at most `most`, by default 2 MiB of them. */
export function createOutgoings(most = 1024): Outgoings {
  const stock: Outgoing[] = [];
  const sources = new WordView();
  return {
    take: () => stock.pop() ?? new Outgoing(sources),
    give(outgoing) {
      if (stock.length >= most) return;
      outgoing.clear();
      stock.push(outgoing);
    },
  };
}
