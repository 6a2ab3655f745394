/** Follows a request's body: how much is still to come, what to pass on, and its bound. */
import { reason, type Reason } from "../../errors/catalogue.ts";
import { createChunkScanner } from "../http1/chunk-scanner.ts";
import type { ChunkScanner, Framing } from "../http1/contract.ts";

/** One body over any number of reads. */
export class RequestBody {
  /** It is complete, and was not refused: the next request begins behind it. */
  done: boolean;
  refusal: Reason | undefined;
  /** Payload bytes so far. */
  received = 0;
  /** What to send behind the last of them once `done`: the trailers of a chunked body. */
  tail = "";
  /** Pairs [from, to) to pass on of the bytes given to `scan` last. */
  spans: Int32Array;
  spanCount = 0;
  readonly #length: number;
  readonly #chunks: ChunkScanner | undefined;
  #remaining: number;
  #limit = 0;

  /** `length` in bytes counts with framing "length" only. */
  constructor(framing: Framing, length: number) {
    this.#length = framing === "length" ? length : 0;
    this.#remaining = this.#length;
    this.#chunks = framing === "chunked" ? createChunkScanner() : undefined;
    this.done = this.#chunks === undefined && this.#remaining === 0;
    this.spans = this.#chunks?.spans ?? new Int32Array(2);
  }

  /** Refuses bodies over so many payload bytes; 0 for no limit. */
  limitTo(limit: number): void {
    this.#limit = limit;
    if (limit > 0 && this.#length > limit) this.refusal = reason.body_too_large;
  }

  /** Reads the body's part of `bytes`; returns where the body stopped (`end`, unless it is done or
   * refused). */
  scan(bytes: Buffer, start: number, end: number): number {
    const chunks = this.#chunks;
    if (chunks === undefined) return this.#scanLength(start, end);
    const at = chunks.scan(bytes, start, end, false);
    this.spans = chunks.spans;
    this.spanCount = chunks.spanCount;
    this.received = chunks.payloadBytes;
    this.tail = chunks.tail;
    this.refusal = chunks.refusal;
    if (this.#limit > 0 && this.received > this.#limit) this.refusal ??= reason.body_too_large;
    this.done = chunks.done && this.refusal === undefined;
    return at;
  }

  #scanLength(start: number, end: number): number {
    const take = Math.min(this.#remaining, end - start);
    this.#remaining -= take;
    this.received += take;
    this.done = this.#remaining === 0;
    this.spans[0] = start;
    this.spans[1] = start + take;
    this.spanCount = take > 0 ? 1 : 0;
    return start + take;
  }
}
