/** Changes messages at random, with the words of HTTP at hand. */

/** A seeded source of numbers, so that every run can be repeated (mulberry32). */
export class SeededRandom {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** An integer in [0, limit). */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }
}

const words: readonly Buffer[] = [
  ...'\r\n|\n|\r|\r\n\r\n|\0|\x0b|\x0c|\x7f|\x80|\xff|\t| |  |:|: |,|;|=|"|\\|%|%00|%2f|#|?|/|//|*|@|[|]'.split(
    "|",
  ),
  ..."GET|HEAD|POST|OPTIONS|CONNECT|HTTP/1.1|HTTP/1.0|HTTP/1.2|HTTP/2.0|http://|https://|a.example".split(
    "|",
  ),
  ..."Host|Content-Length|Transfer-Encoding|Connection|Upgrade|Expect|TE|Trailer|Keep-Alive|Via".split(
    "|",
  ),
  ..."chunked|gzip|identity|close|keep-alive|upgrade|100-continue|websocket|[::1]|:80|:65536".split(
    "|",
  ),
  ..."0|1|5|-1|+5|0x5|ffffffffffffffff|9007199254740992|99999999999999999999".split("|"),
  "Content-Length: 5\r\n",
  "Transfer-Encoding: chunked\r\n",
  "Host: b.example\r\n",
  "Connection: host\r\n",
  "X: y\r\n z\r\n",
  "0\r\n\r\n",
  "5\r\nhello\r\n",
  "5;a=b\r\n",
  "0\r\nX: y\r\n\r\n",
  "HTTP/1.1 200 OK\r\n",
  "HTTP/1.1 204\r\n",
].map((word) => Buffer.from(word, "latin1"));

/** Longer messages say nothing that shorter ones do not. */
const MOST_BYTES = 1500;

/** `seed` after one to four changes; `other` is a message to take parts from. */
export function mutate(random: SeededRandom, seed: Buffer, other: Buffer): Buffer {
  let bytes = seed;
  for (let left = 1 + random.below(4); left > 0; left--) {
    bytes = random.pick(mutations)(random, bytes, other);
  }
  return bytes.subarray(0, MOST_BYTES);
}

type Mutation = (random: SeededRandom, bytes: Buffer, other: Buffer) => Buffer;

const mutations: readonly Mutation[] = [
  function replaceOctet(random, bytes) {
    const copy = Buffer.from(bytes);
    if (copy.length > 0) copy[random.below(copy.length)] = random.below(256);
    return copy;
  },
  function flipCase(random, bytes) {
    const copy = Buffer.from(bytes);
    if (copy.length > 0) copy[random.below(copy.length)]! ^= 0x20;
    return copy;
  },
  function insertWord(random, bytes) {
    return splice(bytes, random.below(bytes.length + 1), 0, random.pick(words));
  },
  function insertWordAtLine(random, bytes) {
    return splice(bytes, lineStart(random, bytes), 0, random.pick(words));
  },
  function replaceWithWord(random, bytes) {
    return splice(bytes, random.below(bytes.length + 1), random.below(12), random.pick(words));
  },
  function remove(random, bytes) {
    return splice(bytes, random.below(bytes.length + 1), 1 + random.below(8), Buffer.alloc(0));
  },
  function repeatLine(random, bytes) {
    const start = lineStart(random, bytes);
    const end = bytes.indexOf("\n", start) + 1 || bytes.length;
    return splice(bytes, lineStart(random, bytes), 0, bytes.subarray(start, end));
  },
  function takeFromOther(random, bytes, other) {
    const start = lineStart(random, other);
    const part = other.subarray(start, start + 1 + random.below(60));
    return splice(bytes, random.below(bytes.length + 1), 0, part);
  },
  function crossOver(random, bytes, other) {
    return Buffer.concat([
      bytes.subarray(0, lineStart(random, bytes)),
      other.subarray(lineStart(random, other)),
    ]);
  },
  function cutEnd(random, bytes) {
    return bytes.subarray(0, random.below(bytes.length + 1));
  },
];

function splice(bytes: Buffer, at: number, removed: number, added: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at + removed)]);
}

/** The start of some line of the message. */
function lineStart(random: SeededRandom, bytes: Buffer): number {
  return bytes.indexOf("\n", random.below(bytes.length + 1)) + 1;
}
