/** The words and lines of the YAML that `readPlainYaml` knows. */
import { interpolate, type Environment } from "../interpolate.ts";
import { plainValue } from "./plain-value.ts";

/** The text takes a full parser. */
export class NotPlain extends Error {
  override readonly name = "NotPlain";
}

const NEWLINE = 0x0a;
const BLANK = 0x20;
const QUOTE = 0x22;
const HASH = 0x23;
const APOSTROPHE = 0x27;
const COMMA = 0x2c;
const DASH = 0x2d;
const COLON = 0x3a;

/** Longer keys are not sound anyway; YAML's own bound is 1,024. */
const LONGEST_KEY = 500;
/** Tabs, carriage returns, other controls and marks that parsers treat in their own way. */
const odd = /[^\P{Cc}\n]|[\u2028\u2029\ufeff]/u;
/** What a plain word may begin with: never anything that means something else in YAML. */
const beginsWord = tableOf(
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_/.$+(^\\",
);
const endsFlowWord = tableOf(",[]{}");
const jsonEscapes = /^(?:[^\\]|\\["\\/bfnrt]|\\u(?!d[89a-f])[0-9a-f]{4})*$/i;
const numeric =
  /^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|0o[0-7]+|0x[0-9a-fA-F]+|[-+]?\.(?:inf|nan))$/i;
const whole = /^(?:0|[1-9][0-9]{0,14})$/;
const decimal = /^(?:0|[1-9][0-9]{0,9})\.[0-9]{1,9}$/;
const word = /^(?:true|false|null)$/i;

function tableOf(characters: string): Uint8Array {
  const table = new Uint8Array(128);
  for (let at = 0; at < characters.length; at++) table[characters.charCodeAt(at)] = 1;
  return table;
}

/** A place in a text. Every method throws `NotPlain` at what it does not know. */
export class PlainText {
  /** Where the content of the line begins that `toNextLine` went to; -1 behind the last line. */
  column = -1;
  readonly #text: string;
  readonly #environment: Environment;
  #at = 0;
  #lineStart = 0;

  constructor(text: string, environment: Environment) {
    if (odd.test(text)) throw new NotPlain();
    this.#text = text;
    this.#environment = environment;
  }

  isAt(character: string): boolean {
    return this.#text[this.#at] === character;
  }

  /** At a list's dash. */
  isAtDash(): boolean {
    return this.#text.charCodeAt(this.#at) === DASH && this.#isSpaceAt(this.#at + 1);
  }

  /** At the end of the line, or at a comment that goes as far. */
  isAtEndOfLine(): boolean {
    const code = this.#text.charCodeAt(this.#at);
    if (code === HASH) return this.#at === this.#lineStart || this.#isSpaceAt(this.#at - 1);
    return this.#at >= this.#text.length || code === NEWLINE;
  }

  /** At text that turns out to be a map's key. */
  isAtKey(): boolean {
    const from = this.#at;
    this.#raw(false);
    this.skipBlanks();
    const isKey = this.#text.charCodeAt(this.#at) === COLON && this.#isSpaceAt(this.#at + 1);
    this.#at = from;
    return isKey;
  }

  columnHere(): number {
    return this.#at - this.#lineStart;
  }

  skip(): void {
    this.#at++;
  }

  skipBlanks(): void {
    while (this.#text.charCodeAt(this.#at) === BLANK) this.#at++;
  }

  /** From a line's end or the text's start to the next content. */
  toNextLine(): void {
    const text = this.#text;
    for (;;) {
      this.skipBlanks();
      if (!this.isAtEndOfLine()) break;
      const end = text.indexOf("\n", this.#at);
      if (end < 0) {
        this.column = -1;
        return;
      }
      this.#lineStart = this.#at = end + 1;
    }
    this.column = this.columnHere();
  }

  /** Ends a value. Lines below that are deeper than `indent` would go on with it. */
  endLine(indent: number): void {
    this.skipBlanks();
    if (!this.isAtEndOfLine()) throw new NotPlain();
    this.toNextLine();
    if (this.column > indent && indent >= 0) throw new NotPlain();
  }

  /** Blanks, line ends and comments between the parts of a flow collection. */
  skipSpace(indent: number): void {
    this.skipBlanks();
    if (!this.isAtEndOfLine()) return;
    this.toNextLine();
    if (this.column <= indent) throw new NotPlain();
  }

  /** What separates the items of a flow collection, unless its end follows. */
  comma(indent: number, end: string): void {
    this.skipSpace(indent);
    if (this.isAt(end)) return;
    if (this.#text.charCodeAt(this.#at) !== COMMA) throw new NotPlain();
    this.#at++;
    this.skipSpace(indent);
  }

  /** A key with its colon. */
  key(isInFlow: boolean): string {
    const from = this.#at;
    const isQuoted = this.#isQuote(from);
    const key = this.#raw(isInFlow);
    const end = this.#at;
    this.skipBlanks();
    if (this.#text.charCodeAt(this.#at) !== COLON || end - from > LONGEST_KEY) throw new NotPlain();
    this.#at++;
    const isAdjacent = isInFlow && isQuoted && end === this.#at - 1;
    if (!isAdjacent && !this.#isSpaceAt(this.#at)) throw new NotPlain();
    if (key === "__proto__" || key === "<<" || key === "") throw new NotPlain();
    return key;
  }

  /** A value that is no collection, variables filled in. */
  scalar(isInFlow: boolean): unknown {
    const isQuoted = this.#isQuote(this.#at);
    const text = this.#raw(isInFlow);
    if (!isQuoted) {
      const value = resolve(text);
      if (typeof value !== "string") return value;
    }
    if (!text.includes("${")) return text;
    const filled = interpolate(text, this.#environment);
    if (!filled.ok) throw new NotPlain();
    return isQuoted ? filled.text : plainValue(filled.text);
  }

  #isQuote(at: number): boolean {
    const code = this.#text.charCodeAt(at);
    return code === QUOTE || code === APOSTROPHE;
  }

  /** Blank, line end or end of the text. */
  #isSpaceAt(at: number): boolean {
    if (at >= this.#text.length) return true;
    const code = this.#text.charCodeAt(at);
    return code === BLANK || code === NEWLINE;
  }

  #raw(isInFlow: boolean): string {
    const code = this.#text.charCodeAt(this.#at);
    if (code === QUOTE) return this.#doubleQuoted();
    if (code === APOSTROPHE) return this.#singleQuoted();
    return this.#plainWords(isInFlow);
  }

  #plainWords(isInFlow: boolean): string {
    const text = this.#text;
    const from = this.#at;
    if (beginsWord[text.charCodeAt(from)] !== 1 || text.startsWith("...", from)) {
      throw new NotPlain();
    }
    let end = from;
    let at = from;
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === NEWLINE) break;
      if (code === BLANK) continue;
      if (code === COLON && this.#endsKey(at + 1, isInFlow)) break;
      if (code === HASH && text.charCodeAt(at - 1) === BLANK) break;
      if (isInFlow && endsFlowWord[code] === 1) break;
      end = at + 1;
    }
    this.#at = at;
    return text.slice(from, end);
  }

  #endsKey(at: number, isInFlow: boolean): boolean {
    return this.#isSpaceAt(at) || (isInFlow && endsFlowWord[this.#text.charCodeAt(at)] === 1);
  }

  #doubleQuoted(): string {
    const text = this.#text;
    const from = this.#at;
    let end = from + 1;
    while (text.charCodeAt(end) !== QUOTE) {
      const code = text.charCodeAt(end);
      if (code === NEWLINE || end >= text.length) throw new NotPlain();
      end += code === 0x5c ? 2 : 1;
    }
    this.#at = end + 1;
    const inside = text.slice(from + 1, end);
    if (!inside.includes("\\")) return inside;
    if (!jsonEscapes.test(inside)) throw new NotPlain();
    return String(JSON.parse(`"${inside}"`));
  }

  #singleQuoted(): string {
    const text = this.#text;
    const from = this.#at;
    let end = from + 1;
    for (; text.charCodeAt(end) !== APOSTROPHE || text.charCodeAt(end + 1) === APOSTROPHE; end++) {
      if (text.charCodeAt(end) === NEWLINE || end >= text.length) throw new NotPlain();
      if (text.charCodeAt(end) === APOSTROPHE) end++;
    }
    this.#at = end + 1;
    return text.slice(from + 1, end).replaceAll("''", "'");
  }
}

/** A plain word's meaning in YAML's core schema. */
function resolve(text: string): string | number | boolean {
  if (whole.test(text) || decimal.test(text)) return Number(text);
  if (text === "true") return true;
  if (text === "false") return false;
  // Numbers in rarer spellings, and words for nothing.
  if (numeric.test(text) || word.test(text)) throw new NotPlain();
  return text;
}
