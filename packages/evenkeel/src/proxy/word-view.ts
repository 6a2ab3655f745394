/** Buffers read in words: making a view costs more than reading a head through it. */

const none: Buffer = Buffer.alloc(0);

/** Remembers the view of the buffer it was asked for last: a proxy reads into the same buffer again
 * and again. */
export class WordView {
  #bytes = none;
  #view = viewOf(none);

  /** A view of exactly `bytes`. */
  of(bytes: Buffer): DataView {
    if (bytes === this.#bytes) return this.#view;
    this.#bytes = bytes;
    return (this.#view = viewOf(bytes));
  }
}

/** A new view of exactly `bytes`. */
export function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
