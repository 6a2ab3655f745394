/** A configuration's text with its YAML tree: what is written where. */
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type Node,
  type Pair,
} from "yaml";
import type { Environment } from "../interpolate.ts";
import type { Problem } from "../problem.ts";
import { placeIn } from "./place-in.ts";
import { hideSecrets, isSecret } from "./secrets.ts";
import { syntaxRule } from "./syntax.ts";
import { readTree } from "./tree.ts";

/** Keys and list positions from the top. */
export type Path = readonly PropertyKey[];

export interface Source {
  /** The file as plain data; undefined where it is no YAML at all. */
  readonly value: unknown;
  /** Broken YAML, duplicate keys, variables that are not set. */
  readonly problems: readonly Problem[];
  /** Where those problems keep a value from being known; it is left out of `value`. */
  readonly gaps: readonly Path[];
  /** A problem at a path. Parts of the path that only exist in the long form of something written
   * short are left out. */
  problemAt(path: Path, rule: string, more?: ProblemDetails): Problem;
}

/** What a problem may say besides its rule. */
export interface ProblemDetails {
  readonly hint?: string | undefined;
  /** Points at the key instead of its value. */
  readonly atKey?: boolean;
  /** Says what was written there. */
  readonly showGot?: boolean;
  /** Holds whatever else is wrong at the path or below it. */
  readonly certain?: boolean;
  /** Points into the text there, at a character of what YAML made of it. */
  readonly within?: { readonly value: string; readonly at: number };
}

/** Reads a text. Never throws. */
export function readSource(file: string, text: string, environment: Environment): Source {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    // Checked while the tree is read: the parser's own check is quadratic.
    uniqueKeys: false,
    stringKeys: true,
    // Not "silent": that would also keep quiet about a second document.
    logLevel: "error",
  });
  const context = new SourceContext(file, text, lines, document);
  if (document.errors.length > 0) {
    const problems = document.errors.map((error) =>
      context.at(error.pos[0], [], syntaxRule(error.code, error.message)),
    );
    const problemAt: Source["problemAt"] = (...args) => context.problemAt(...args);
    return { value: undefined, problems, gaps: [], problemAt };
  }
  const tree = readTree(document, environment);
  return {
    value: document.contents === null ? {} : tree.value,
    problems: tree.problems.map(({ offset, path, rule, hint }) =>
      context.at(offset, path, rule, { hint }),
    ),
    gaps: tree.problems.map(({ path }) => path),
    problemAt: (...args) => context.problemAt(...args),
  };
}

class SourceContext {
  readonly #file: string;
  readonly #text: string;
  readonly #lines: LineCounter;
  readonly #document: Document.Parsed;
  /** Pairs by key of maps that were asked, so that many problems in one map stay cheap. */
  readonly #pairs = new Map<Node, Map<string, Pair<Node, Node | null>>>();

  constructor(file: string, text: string, lines: LineCounter, document: Document.Parsed) {
    this.#file = file;
    this.#text = text;
    this.#lines = lines;
    this.#document = document;
  }

  problemAt(path: Path, rule: string, more: ProblemDetails = {}): Problem {
    const { node, key, shown } = this.#find(path);
    const at = more.atKey ? (key ?? node) : (node ?? key);
    const got = more.showGot && node ? this.#written(node, shown) : undefined;
    const start = at?.range?.[0] ?? 0;
    return this.at(start + this.#inside(at, more), shown, rule, { hint: more.hint, got });
  }

  /** How far behind the start of a node the character is that the problem is about. */
  #inside(node: Node | null | undefined, { within }: ProblemDetails): number {
    if (!within || !node?.range) return 0;
    const written = this.#text.slice(node.range[0], node.range[1]);
    return placeIn(written, within.value, within.at) ?? 0;
  }

  at(
    offset: number,
    path: Path,
    rule: string,
    { hint, got }: { hint?: string | undefined; got?: string | undefined } = {},
  ): Problem {
    const { line, col } = this.#lines.linePos(Math.min(offset, this.#text.length));
    const start = this.#lines.lineStarts[line - 1] ?? 0;
    const end = this.#lines.lineStarts[line] ?? this.#text.length;
    return {
      file: this.#file,
      line: Math.max(line, 1),
      column: Math.max(col, 1),
      path: formatPath(path),
      rule,
      got,
      hint,
      excerpt: hideSecrets(this.#text.slice(start, end).trimEnd()),
    };
  }

  /** Walks as far as the tree goes. */
  #find(path: Path): { node: Node | null; key: Node | undefined; shown: Path } {
    let node: Node | null = this.#document.contents;
    let key: Node | undefined;
    for (let depth = 0; depth < path.length; depth++) {
      const step = path[depth]!;
      if (isAlias(node)) node = node.resolve(this.#document) ?? null;
      if (isMap(node) && typeof step === "string") {
        const pair: Pair<Node, Node | null> | undefined = this.#pairsOf(node).get(step);
        if (!pair) return { node, key, shown: path };
        key = pair.key;
        node = pair.value;
      } else if (isSeq(node) && typeof step === "number") {
        node = (node.items[step] as Node | undefined) ?? null;
      } else if (typeof step === "string") {
        return { node, key, shown: path.slice(0, depth) };
      } else {
        // A single item written without its list.
        return this.#find([...path.slice(0, depth), ...path.slice(depth + 1)]);
      }
    }
    return { node, key, shown: path };
  }

  #pairsOf(map: Node & { items: unknown[] }): Map<string, Pair<Node, Node | null>> {
    let pairs = this.#pairs.get(map);
    if (!pairs) {
      const items = map.items as Pair<Node, Node | null>[];
      // Of a key that is written twice the first counts, as in the tree.
      pairs = new Map(
        items.toReversed().map((pair) => [isScalar(pair.key) ? String(pair.key.value) : "", pair]),
      );
      this.#pairs.set(map, pairs);
    }
    return pairs;
  }

  #written(node: Node, path: Path): string | undefined {
    if (isMap(node)) return "a map";
    if (isSeq(node)) return "a list";
    if (isSecret(path) || !node.range) return undefined;
    const text = this.#text.slice(node.range[0], node.range[1]);
    const short = text.length > 60 ? `${text.slice(0, 57)}...` : text;
    return short.replaceAll(/\s*\n\s*/g, " ");
  }
}

/** `routes[0].upstream`; keys with odd characters are quoted. */
export function formatPath(path: Path): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else if (/^[\w-]+$/.test(String(step))) text += (text === "" ? "" : ".") + String(step);
    else text += `[${JSON.stringify(String(step))}]`;
  }
  return text;
}
