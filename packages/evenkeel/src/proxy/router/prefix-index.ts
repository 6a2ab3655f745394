/**
 * Path prefixes by hash, asked element by element: "/a/b" for "/a/b/c", then "/a".
 *
 * A prefix ends where an element of the path ends, so there are as many questions as the deepest
 * prefix has elements at most, however long the path. With many thousand prefixes the memory that a
 * look-up has to fetch is what it costs; a tree of characters needs three times as much of that.
 */

/** What a prefix stands for. The index sets `shorter` to that of the next shorter prefix that holds
 * the same paths. */
export interface Prefixed<Self> {
  shorter: Self | undefined;
}

/** A fixed set of prefixes. */
export class PrefixIndex<Value extends Prefixed<Value>> {
  readonly #values = new Map<string, Value>();
  /** The empty prefix's: it holds every path. */
  #whole: Value | undefined;
  /** Elements of the deepest prefix. */
  #depth = 0;

  /** Prefixes come without a trailing slash; the empty one holds every path. */
  constructor(values: ReadonlyMap<string, Value>) {
    // From short to long, so that the shorter ones are there to be linked to.
    const sorted = [...values].sort(([one], [other]) => one.length - other.length);
    for (const [prefix, value] of sorted) {
      value.shorter = this.find(prefix);
      if (prefix === "") this.#whole = value;
      else this.#values.set(prefix, value);
      this.#depth = Math.max(this.#depth, prefix.split("/").length - 1);
    }
  }

  /** The longest prefix's value that holds `path`; `undefined` for none. */
  find(path: string): Value | undefined {
    for (let end = this.#firstEnd(path); end > 0; end = path.lastIndexOf("/", end - 1)) {
      const value = this.#values.get(end === path.length ? path : path.slice(0, end));
      if (value !== undefined) return value;
    }
    return this.#whole;
  }

  /** Where the deepest element ends that may end a prefix. */
  #firstEnd(path: string): number {
    let end = 0;
    for (let depth = 0; depth < this.#depth; depth++) {
      end = path.indexOf("/", end + 1);
      if (end < 0) return path.length;
    }
    return end;
  }
}
