/**
 * What origin connections read into: one small piece of memory that all connections of a proxy
 * share, which stays in the processor's cache and costs an idle connection nothing, and for as long
 * as an answer fills that, a large one of its own.
 */

const SHARED_BYTES = 16 * 1024;
const LARGE_BYTES = 64 * 1024;
/** Large ones kept for the next large answer. */
const MOST_KEPT = 32;

/** The memory of one proxy's origin connections. */
export interface ReadMemory {
  /** Good until the read's callback returns: what is to stay must be copied. */
  readonly shared: Buffer;
  /** A large one. */
  take(): Buffer;
  give(large: Buffer): void;
}

/** Memory for any number of connections. */
export function createReadMemory(): ReadMemory {
  const kept: Buffer[] = [];
  return {
    shared: Buffer.allocUnsafeSlow(SHARED_BYTES),
    take: () => kept.pop() ?? Buffer.allocUnsafeSlow(LARGE_BYTES),
    give(large) {
      if (kept.length < MOST_KEPT) kept.push(large);
    },
  };
}

/** One connection's. */
export class ReadBuffer {
  /** What the socket reads into, until it was told another. */
  current: Buffer;
  readonly #memory: ReadMemory;
  #wantsLarge = false;
  /** What was read last is still being written somewhere. */
  #lent = false;

  constructor(memory: ReadMemory) {
    this.#memory = memory;
    this.current = memory.shared;
  }

  /** Takes note of a read: one that filled its buffer has more behind it. */
  noteRead(length: number): void {
    if (length === this.current.length) this.#wantsLarge = true;
  }

  /** The answer is over: the next may be small. */
  answerDone(): void {
    this.#wantsLarge = false;
  }

  /** What was read last into a large one must stay as it is. */
  keep(): void {
    this.#lent = true;
  }

  /** What the next read is to go into; `undefined` for the same as before. */
  next(): Buffer | undefined {
    const { shared } = this.#memory;
    const isShared = this.current === shared;
    if (this.#wantsLarge ? !isShared && !this.#lent : isShared) return undefined;
    this.#letGo();
    this.current = this.#wantsLarge ? this.#memory.take() : shared;
    return this.current;
  }

  /** The socket reads no more. */
  close(): void {
    this.#letGo();
    this.current = this.#memory.shared;
  }

  #letGo(): void {
    if (this.current !== this.#memory.shared && !this.#lent) this.#memory.give(this.current);
    this.#lent = false;
  }
}
