/**
 * Rate limits: a token bucket per key, exact over all threads that share the memory.
 *
 * A bucket is one number, the time at which it would be full again (the "theoretical arrival time"
 * of ITU-T I.371's cell rate algorithm): a bucket that is full now needs no memory at all. Buckets
 * live in a table of sets of 16 places, found by a keyed 64-bit hash; each set has a lock word held
 * for well under a microsecond. Where a set is full, the bucket that is nearest to full gives way:
 * forgetting it gives least away, and keys invented to flush the table can't flush the one that is
 * being held back. Keys are not stored; two whose 64-bit hashes are equal would share a bucket.
 */
import type { RateLimitSnapshot } from "../../snapshot/snapshot.ts";
import { hashKey } from "./keyed-hash.ts";

/** Buckets in one set. */
const WAYS = 16;
/** Of the head: the hash's two seeds. */
const HEAD_WORDS = 4;
/** A lock word and one to keep the columns behind it aligned. */
const LOCK_WORDS = 2;
/** Two words of hash and two of time for each bucket. */
const SET_WORDS = LOCK_WORDS + WAYS * 4;

const SPINS = 500;
const SLICE_MS = 1;
/** A lock not given back for so many slices belonged to a thread that died. */
const PATIENCE_SLICES = 100;

/** The settings that a limiter needs. */
export type RateLimitSettings = Pick<RateLimitSnapshot, "perSecond" | "burst" | "maxKeys">;

/** Buckets of one route. */
export interface RateLimiter {
  /** Takes a token of the key's bucket. Returns 0 where there was one, else the milliseconds until
   * there will be (always above 0). `nowMs` must be of one clock for all threads that share the
   * memory, and that clock must not jump: `monotonicMs`. */
  take(key: string, nowMs: number): number;
}

/** Milliseconds of the system's steady clock, the same in all threads. */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000 + nanoseconds / 1e6;
}

/** Bytes of (zeroed) memory that a limiter for so many keys needs: a bound of its own, since the
 * table never grows. Rounded up to whole sets. */
export function rateLimitBytes(maxKeys: number): number {
  return (HEAD_WORDS + setCount(maxKeys) * SET_WORDS) * Int32Array.BYTES_PER_ELEMENT;
}

/** The whole seconds for a Retry-After header, at least 1. */
export function retryAfterSeconds(waitMs: number): number {
  return Math.max(1, Math.ceil(waitMs / 1_000));
}

/** A limiter over memory of `rateLimitBytes(maxKeys)`: zeroed, or in use by other threads with the
 * same settings. `random` (in [0, 1)) seeds the hash where the memory is new. */
export function createRateLimiter(
  settings: RateLimitSettings,
  memory: ArrayBuffer | SharedArrayBuffer,
  random: () => number,
): RateLimiter {
  return new Table(settings, memory, random);
}

function setCount(maxKeys: number): number {
  return Math.max(1, Math.ceil(maxKeys / WAYS));
}

class Table implements RateLimiter {
  readonly #words: Int32Array;
  readonly #times: Float64Array;
  readonly #sets: number;
  readonly #seedLow: number;
  readonly #seedHigh: number;
  /** Milliseconds that one token takes to come back. */
  readonly #tokenMs: number;
  /** How far ahead of now a bucket's time may be before a token is taken. */
  readonly #toleranceMs: number;

  constructor(
    { perSecond, burst, maxKeys }: RateLimitSettings,
    memory: ArrayBuffer | SharedArrayBuffer,
    random: () => number,
  ) {
    this.#words = new Int32Array(memory);
    this.#times = new Float64Array(memory);
    this.#sets = setCount(maxKeys);
    this.#tokenMs = 1_000 / perSecond;
    this.#toleranceMs = (Math.max(1, burst) - 1) * this.#tokenMs;
    this.#seedLow = this.#agreeOnSeed(0, random);
    this.#seedHigh = this.#agreeOnSeed(1, random);
  }

  /** The first thread's choice holds for all. */
  #agreeOnSeed(word: number, random: () => number): number {
    Atomics.compareExchange(this.#words, word, 0, (random() * 0xffff_fffe + 1) | 0);
    return Atomics.load(this.#words, word);
  }

  take(key: string, nowMs: number): number {
    const low = hashKey(key, this.#seedLow);
    const high = hashKey(key, this.#seedHigh);
    const set = HEAD_WORDS + ((low >>> 0) % this.#sets) * SET_WORDS;
    this.#acquire(set);
    const bucket = this.#find(set, low, high);
    const waitMs = this.#takeFrom(bucket, nowMs);
    this.#release(set);
    return waitMs;
  }

  /** The bucket's first word; where the key has none, the one that is full or nearest to it. */
  #find(set: number, low: number, high: number): number {
    const words = this.#words;
    const first = set + LOCK_WORDS;
    let fullest = first;
    for (let at = first; at < first + WAYS * 4; at += 4) {
      if (words[at] === low && words[at + 1] === high) return at;
      if (this.#timeOf(at) < this.#timeOf(fullest)) fullest = at;
    }
    words[fullest] = low;
    words[fullest + 1] = high;
    this.#times[(fullest + 2) >> 1] = 0;
    return fullest;
  }

  #timeOf(bucket: number): number {
    return this.#times[(bucket + 2) >> 1] ?? 0;
  }

  #takeFrom(bucket: number, nowMs: number): number {
    const fullAtMs = Math.max(this.#timeOf(bucket), nowMs);
    const waitMs = fullAtMs - nowMs - this.#toleranceMs;
    if (waitMs > ROUNDING_MS) return waitMs;
    this.#times[(bucket + 2) >> 1] = fullAtMs + this.#tokenMs;
    return 0;
  }

  #acquire(lock: number): void {
    const words = this.#words;
    for (let spin = 0, slices = 0; ; spin++) {
      if (Atomics.compareExchange(words, lock, 0, 1) === 0) return;
      if (spin < SPINS) continue;
      if (++slices > PATIENCE_SLICES) return;
      // Private memory has nobody else to wait for: its lock is always free.
      Atomics.wait(words, lock, 1, SLICE_MS);
    }
  }

  #release(lock: number): void {
    Atomics.store(this.#words, lock, 0);
  }
}

/** Sums of times are inexact in their last bits: a token that comes a nanosecond early is there. */
const ROUNDING_MS = 1e-6;
