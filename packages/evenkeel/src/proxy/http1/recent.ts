/**
 * What was made of octets lately. Hosts and targets come again and again: what was read out of one
 * before costs a comparison, and the maps that its strings are looked up in know their hashes. What
 * comes once costs next to nothing more: only what comes a second time, with nothing else in its
 * place between, is kept.
 */
import { startsWith } from "./ascii.ts";
import { latin1 } from "./latin1.ts";

const SLOTS = 512;
/** Longer ones are read anew each time, so that no client can have much kept. */
const LONGEST = 96;

/** Reads bytes[start, end), of which `text` is the same as a string, each octet a character. */
type Read<Value> = (bytes: Buffer, start: number, end: number, text: string) => Value;

/** What one function made of at most 512 texts of 96 characters, each in the one place that its
 * octets lead to. */
export class Recent<Value> {
  /** Of what came last in each place. */
  readonly #hashes = new Int32Array(SLOTS);
  readonly #texts: string[] = Array.from({ length: SLOTS }, () => "");
  readonly #values: (Value | undefined)[] = Array.from({ length: SLOTS }, () => undefined);
  readonly #read: Read<Value>;

  /** `read` must depend on the octets alone. */
  constructor(read: Read<Value>) {
    this.#read = read;
  }

  /** What `read` makes of bytes[start, end). */
  of(bytes: Buffer, start: number, end: number): Value {
    const length = end - start;
    if (length === 0 || length > LONGEST) return this.#make(bytes, start, end);
    const hash = hashOf(bytes, start, length);
    const slot = hash & (SLOTS - 1);
    if (this.#hashes[slot] !== hash) {
      this.#hashes[slot] = hash;
      return this.#make(bytes, start, end);
    }
    const text = this.#texts[slot]!;
    if (text.length === length && startsWith(bytes, start, text)) return this.#values[slot]!;
    const value = this.#make(bytes, start, end);
    this.#texts[slot] = latin1(bytes, start, end);
    this.#values[slot] = value;
    return value;
  }

  #make(bytes: Buffer, start: number, end: number): Value {
    return this.#read(bytes, start, end, latin1(bytes, start, end));
  }
}

/** Of the ends, where targets of one service differ, the beginning, where hosts do, and the middle. */
function hashOf(bytes: Buffer, start: number, length: number): number {
  let hash = length;
  const end = start + length;
  for (let at = Math.max(start, end - 4); at < end; at++) hash = mixed(hash, bytes[at]!);
  hash = mixed(hash, bytes[start + (length >> 1)]!);
  hash = mixed(hash, bytes[start + (length > 1 ? 1 : 0)]!);
  return hash ^ (hash >>> 15);
}

function mixed(hash: number, octet: number): number {
  return Math.imul(hash ^ octet, 0x01000193);
}
