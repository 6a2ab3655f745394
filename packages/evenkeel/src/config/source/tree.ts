/**
 * A YAML document as plain data: duplicate keys found, aliases and merge keys followed, environment
 * variables filled in.
 */
import { isAlias, isMap, isScalar, isSeq, type Document, type Node, type Pair } from "yaml";
import { interpolate, type Environment } from "../interpolate.ts";
import { plainValue } from "./plain-value.ts";

/** Something wrong with the tree, at an offset of the text. */
export interface TreeProblem {
  readonly offset: number;
  readonly path: readonly PropertyKey[];
  readonly rule: string;
  readonly hint?: string;
}

/** No sound configuration is nested deeper. */
const deepest = 50;

/** Reads the whole document. Empty values are problems and left out. */
export function readTree(
  document: Document.Parsed,
  environment: Environment,
): { readonly value: unknown; readonly problems: readonly TreeProblem[] } {
  const problems: TreeProblem[] = [];
  const path: PropertyKey[] = [];
  // What an anchor holds is read once and shared, so that aliases can't multiply a small text.
  const anchors = new Map<string, unknown>();

  function report(node: Node | null, rule: string, hint?: string): undefined {
    const problem = { offset: node?.range?.[0] ?? 0, path: [...path], rule };
    problems.push(hint === undefined ? problem : { ...problem, hint });
    return undefined;
  }

  function read(node: Node | null): unknown {
    if (path.length > deepest) return report(node, "is nested too deeply");
    if (isAlias(node)) {
      // An anchor holds nothing yet while it is being read, so none can contain itself.
      if (anchors.has(node.source)) return anchors.get(node.source);
      return report(node, "is an alias of nothing above it");
    }
    const value = readPlain(node);
    const { anchor } = (node ?? {}) as { anchor?: string };
    if (anchor !== undefined) anchors.set(anchor, value);
    return value;
  }

  function readPlain(node: Node | null): unknown {
    if (isScalar(node)) return readScalar(node);
    if (isMap(node)) return readMap(node.items as Pair<Node, Node | null>[]);
    return isSeq(node) ? readList(node.items as Node[]) : undefined;
  }

  function readScalar(node: Node & { value: unknown; type?: unknown }): unknown {
    const { value } = node;
    if (value === null) return report(node, "is empty", "write a value or remove the key");
    if (typeof value !== "string" || !value.includes("${")) return value;
    const filled = interpolate(value, environment);
    if (filled.ok) return node.type === "PLAIN" ? plainValue(filled.text) : filled.text;
    if (filled.name === undefined) {
      return report(node, 'has a malformed "${…}"', 'write "${NAME}", "${NAME:-default}" or "$${"');
    }
    const fallback = `set it, or write \${${filled.name}:-default}`;
    return report(
      node,
      `needs the environment variable ${filled.name}, which is not set`,
      fallback,
    );
  }

  function readList(items: readonly Node[]): unknown[] {
    const list: unknown[] = [];
    for (let at = 0; at < items.length; at++) {
      path.push(at);
      list.push(read(items[at]!));
      path.pop();
    }
    return list;
  }

  function readMap(pairs: readonly Pair<Node, Node | null>[]): unknown {
    const result: Record<string, unknown> = {};
    const seen = new Set<string>();
    let merged: unknown[] = [];
    for (const { key: keyNode, value: node } of pairs) {
      const key = isScalar(keyNode) ? String(keyNode.value) : "";
      path.push(key);
      if (key === "__proto__" || key === "") report(keyNode, "can't be a key");
      else if (seen.has(key)) report(keyNode, "is written twice", "remove one of them");
      else {
        const value = node === null ? readScalar(nothing(keyNode)) : read(node);
        if (key === "<<") merged = Array.isArray(value) ? value : [value];
        else if (value !== undefined) result[key] = value;
      }
      seen.add(key);
      path.pop();
    }
    return merged.length === 0 ? result : mergeInto(result, merged);
  }

  const value = read(document.contents);
  return { value, problems };
}

function nothing(at: Node): Node & { value: null } {
  return { range: at.range, value: null } as unknown as Node & { value: null };
}

/** YAML's merge key: what is written in place wins, then the earlier map. */
function mergeInto(result: Record<string, unknown>, maps: readonly unknown[]): unknown {
  for (const map of maps) {
    if (typeof map !== "object" || map === null) continue;
    for (const [key, value] of Object.entries(map)) if (!(key in result)) result[key] = value;
  }
  return result;
}
