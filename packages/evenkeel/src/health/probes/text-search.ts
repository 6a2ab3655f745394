/** Looking for a text in bytes that arrive in pieces, without keeping them. */

/** Tells after each piece whether the text has been seen by now. */
export interface TextSearch {
  /** Bytes looked at so far, at most the limit. */
  readonly seenBytes: () => number;
  push(piece: Buffer): "found" | "wanting" | "exhausted";
}

/** Searches the first `limitBytes`; keeps no more than the length of `text`. An empty text is found
 * in the first piece. */
export function createTextSearch(text: string, limitBytes: number): TextSearch {
  const needle = Buffer.from(text);
  let tail: Buffer = Buffer.alloc(0);
  let seen = 0;
  return {
    seenBytes: () => seen,
    push(piece) {
      const fresh = piece.subarray(0, limitBytes - seen);
      seen += fresh.length;
      const joined = tail.length > 0 ? Buffer.concat([tail, fresh]) : fresh;
      if (joined.includes(needle)) return "found";
      if (seen >= limitBytes) return "exhausted";
      // Copied, so that the piece itself can be freed.
      tail = Buffer.from(joined.subarray(Math.max(0, joined.length - needle.length + 1)));
      return "wanting";
    },
  };
}
