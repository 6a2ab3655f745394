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
  /** A number from 0 that says all there is to say of it; below 0 where it must be asked. */
  readonly answer: number;
  shorter: Self | undefined;
}

/** A fixed set of prefixes. */
export class PrefixIndex<Value extends Prefixed<Value>> {
  /** Answers stand here by themselves: a value would be one more place in memory to fetch. */
  readonly #values = new Map<string, Value | number>();
  /** The empty prefix's: it holds every path. */
  #whole: Value | undefined;
  /** Elements of the deepest prefix. */
  #depth = 0;

  /** Prefixes come without a trailing slash; the empty one holds every path. */
  constructor(values: ReadonlyMap<string, Value>) {
    // From short to long, so that the shorter ones are there to be linked to.
    const sorted = [...values].sort(([one], [other]) => one.length - other.length);
    for (const [prefix, value] of sorted) {
      value.shorter = shorterOf(prefix, values);
      if (prefix === "") this.#whole = value;
      else this.#values.set(prefix, value.answer < 0 ? value : value.answer);
      this.#depth = Math.max(this.#depth, prefix.split("/").length - 1);
    }
  }

  /** The longest prefix's value that holds `path`, or its answer where it has one; `undefined` for
   * none. */
  find(path: string): Value | number | undefined {
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

function shorterOf<Value>(prefix: string, values: ReadonlyMap<string, Value>): Value | undefined {
  for (let end = prefix.lastIndexOf("/"); end > 0; end = prefix.lastIndexOf("/", end - 1)) {
    const value = values.get(prefix.slice(0, end));
    if (value !== undefined) return value;
  }
  return prefix === "" ? undefined : values.get("");
}
