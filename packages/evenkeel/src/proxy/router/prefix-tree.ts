/**
 * Path prefixes as a compressed tree of characters (a radix tree).
 *
 * A look-up walks the path once, whatever the number of prefixes, and allocates nothing. It ends at
 * the longest prefix that ends where an element of the path ends; the shorter ones are linked from
 * there, since what holds of a prefix's path holds of every path below it.
 */
const SLASH = 0x2f;

/** A prefix in the tree. */
export interface PrefixNode<Value> {
  readonly value: Value;
  /** The next shorter prefix that holds the same paths. */
  readonly shorter: PrefixNode<Value> | undefined;
}

interface TreeNode<Value> {
  label: string;
  readonly children: Map<number, TreeNode<Value>>;
  prefix: PrefixNode<Value> | undefined;
}

/** A fixed set of prefixes. */
export class PrefixTree<Value> {
  readonly #root: TreeNode<Value> = { label: "", children: new Map(), prefix: undefined };

  /** Prefixes come without a trailing slash; the empty one holds every path. */
  constructor(values: ReadonlyMap<string, Value>) {
    // From short to long, so that the shorter ones are there to be linked to.
    const sorted = [...values].sort(([one], [other]) => one.length - other.length);
    for (const [prefix, value] of sorted) {
      const shorter = this.find(prefix);
      insert(this.#root, prefix, { value, shorter });
    }
  }

  /** The longest prefix that holds `path`; `undefined` for none. */
  find(path: string): PrefixNode<Value> | undefined {
    let node = this.#root;
    let found = node.prefix;
    let at = 0;
    const length = path.length;
    while (at < length) {
      const child = node.children.get(path.charCodeAt(at));
      if (child === undefined || !path.startsWith(child.label, at)) return found;
      at += child.label.length;
      node = child;
      if (node.prefix !== undefined && (at === length || path.charCodeAt(at) === SLASH)) {
        found = node.prefix;
      }
    }
    return found;
  }
}

function insert<Value>(root: TreeNode<Value>, key: string, prefix: PrefixNode<Value>): void {
  let node = root;
  let rest = key;
  while (rest !== "") {
    const first = rest.charCodeAt(0);
    const child = node.children.get(first);
    if (child === undefined) {
      node.children.set(first, { label: rest, children: new Map(), prefix });
      return;
    }
    const shared = sharedLength(child.label, rest);
    if (shared < child.label.length) split(node, child, shared);
    node = node.children.get(first)!;
    rest = rest.slice(shared);
  }
  node.prefix = prefix;
}

/** Puts a node for the first `length` characters of the child's label above the child. */
function split<Value>(parent: TreeNode<Value>, child: TreeNode<Value>, length: number): void {
  const upper: TreeNode<Value> = {
    label: child.label.slice(0, length),
    children: new Map(),
    prefix: undefined,
  };
  parent.children.set(child.label.charCodeAt(0), upper);
  child.label = child.label.slice(length);
  upper.children.set(child.label.charCodeAt(0), child);
}

function sharedLength(one: string, other: string): number {
  let length = 0;
  const end = Math.min(one.length, other.length);
  while (length < end && one.charCodeAt(length) === other.charCodeAt(length)) length++;
  return length;
}
