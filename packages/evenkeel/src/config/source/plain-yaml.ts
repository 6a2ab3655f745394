/**
 * The YAML that configurations are mostly made of, read in one pass: block and flow maps and lists,
 * comments, and text that ends on its own line.
 *
 * A full parser builds a tree with the place of everything, which is slow and only needed to tell
 * where something is wrong. So this reader gives up at whatever is rare (anchors, tags, text over
 * several lines, escapes of YAML's own) or wrong, and the full parser reads the text from the start.
 * What is read here means the same to both; a test compares them.
 */
import type { Environment } from "../interpolate.ts";
import { NotPlain, PlainText } from "./plain-text.ts";

/** No sound configuration is nested deeper. */
const DEEPEST = 40;

/** The whole text as plain data, variables filled in; undefined where it takes a full parser. */
export function readPlainYaml(text: string, environment: Environment): unknown {
  try {
    return new PlainReader(text, environment).document();
  } catch (error) {
    if (error instanceof NotPlain) return undefined;
    throw error;
  }
}

type Tree = Record<string, unknown>;

class PlainReader {
  readonly #text: PlainText;
  #depth = 0;

  constructor(text: string, environment: Environment) {
    this.#text = new PlainText(text, environment);
  }

  document(): unknown {
    const text = this.#text;
    text.toNextLine();
    if (text.column !== 0) throw new NotPlain();
    const value = text.isAt("{") || text.isAt("[") ? this.#flowLine(-1) : this.#block(0);
    if (text.column >= 0) throw new NotPlain();
    return value;
  }

  #block(indent: number): unknown {
    if (++this.#depth > DEEPEST) throw new NotPlain();
    const value = this.#text.isAtDash() ? this.#blockList(indent) : this.#blockMap(indent);
    this.#depth--;
    return value;
  }

  #blockMap(indent: number): Tree {
    const text = this.#text;
    const map: Tree = {};
    while (text.column === indent) {
      const key = text.key(false);
      if (Object.hasOwn(map, key)) throw new NotPlain();
      map[key] = this.#entry(indent, true);
    }
    if (text.column > indent) throw new NotPlain();
    return map;
  }

  #blockList(indent: number): unknown[] {
    const text = this.#text;
    const list: unknown[] = [];
    while (text.column === indent && text.isAtDash()) {
      text.skip();
      list.push(this.#entry(indent, false));
    }
    if (text.column > indent) throw new NotPlain();
    return list;
  }

  /** What follows a colon or a dash of a collection at `indent`: here, or on the lines below. */
  #entry(indent: number, isInMap: boolean): unknown {
    const text = this.#text;
    text.skipBlanks();
    if (text.isAtEndOfLine()) {
      text.toNextLine();
      // A map's list may stand right below its key.
      const isBelow = text.column > indent || (isInMap && text.column === indent);
      if (!isBelow || (text.column === indent && !text.isAtDash())) throw new NotPlain();
      return this.#block(text.column);
    }
    if (text.isAt("{") || text.isAt("[")) return this.#flowLine(indent);
    if (!isInMap && text.isAtKey()) {
      text.column = text.columnHere();
      return this.#block(text.column);
    }
    const value = text.scalar(false);
    text.endLine(indent);
    return value;
  }

  #flowLine(indent: number): unknown {
    const value = this.#flow(indent);
    this.#text.endLine(indent);
    return value;
  }

  /** Lines of a flow collection are indented deeper than `indent`. */
  #flow(indent: number): unknown {
    const text = this.#text;
    if (++this.#depth > DEEPEST) throw new NotPlain();
    const isMap = text.isAt("{");
    const value = isMap ? this.#flowMap(indent) : this.#flowList(indent);
    this.#depth--;
    return value;
  }

  #flowMap(indent: number): Tree {
    const text = this.#text;
    const map: Tree = {};
    text.skip();
    for (text.skipSpace(indent); !text.isAt("}"); text.comma(indent, "}")) {
      const key = text.key(true);
      if (Object.hasOwn(map, key)) throw new NotPlain();
      text.skipSpace(indent);
      map[key] = this.#flowItem(indent);
    }
    text.skip();
    return map;
  }

  #flowList(indent: number): unknown[] {
    const text = this.#text;
    const list: unknown[] = [];
    text.skip();
    for (text.skipSpace(indent); !text.isAt("]"); text.comma(indent, "]")) {
      list.push(this.#flowItem(indent));
    }
    text.skip();
    return list;
  }

  #flowItem(indent: number): unknown {
    const text = this.#text;
    return text.isAt("{") || text.isAt("[") ? this.#flow(indent) : text.scalar(true);
  }
}
