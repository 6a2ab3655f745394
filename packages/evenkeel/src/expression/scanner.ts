/** A text read from left to right; blanks mean nothing but an end of a word. */

/** What keeps a text from being a condition, and where. */
export class SyntaxProblem extends Error {
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

/** How far a text has been read. `at` may be set back. */
export class Scanner {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  get atEnd(): boolean {
    return this.at >= this.text.length;
  }

  blanks(): void {
    this.match(/\s+/y);
  }

  /** What the sticky pattern matches here; stays where nothing does. */
  match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found === undefined || found === "") return undefined;
    this.at += found.length;
    return found;
  }

  sees(sign: string): boolean {
    return this.text.startsWith(sign, this.at);
  }

  /** Passes a sign and the blanks behind it; false where it is not there. */
  take(sign: string): boolean {
    if (!this.sees(sign)) return false;
    this.at += sign.length;
    this.blanks();
    return true;
  }

  /** Passes a whole word in either case and the blanks behind it. */
  takeWord(word: string): boolean {
    const end = this.at + word.length;
    if (this.text.slice(this.at, end).toLowerCase() !== word) return false;
    // `x` may touch the number behind it: `3 x15s`.
    if (/[A-Za-z_]/.test(this.text.charAt(end))) return false;
    if (word !== "x" && /[0-9]/.test(this.text.charAt(end))) return false;
    this.at = end;
    this.blanks();
    return true;
  }

  /** What stands here, for messages. */
  found(): string {
    if (this.atEnd) return "the end";
    const word = /^\w+|^./su.exec(this.text.slice(this.at, this.at + 40))?.[0] ?? "";
    return `"${word}"`;
  }

  problem(message: string): SyntaxProblem {
    return new SyntaxProblem(message, this.at);
  }
}
