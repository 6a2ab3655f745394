/**
 * Reads conditions as people write them; the grammar is in expression.ts. Never throws: what is wrong
 * is told with its place.
 */
import { nearest } from "../lib/edit-distance.ts";
import { parseDuration } from "../lib/duration.ts";
import type { Comparator, Condition, Expression, ExpressionProblem } from "./expression.ts";
import { readSignal } from "./parse-signal.ts";
import { Scanner, SyntaxProblem } from "./scanner.ts";
import { toValue, unitProblem } from "./value.ts";
import { vocabulary } from "./vocabulary.ts";

/** A condition, or where and why it is none. */
export type ParsedCondition =
  | { readonly ok: true; readonly condition: Condition }
  | { readonly ok: false; readonly problem: ExpressionProblem };

/** The longest text that is read. */
export const LONGEST_CONDITION = 2000;
/** Brackets in brackets. */
const DEEPEST = 20;
/** Comparisons in one condition. */
const MOST_COMPARISONS = 64;
/** Looks in a row that `for N x DURATION` may ask for. */
const MOST_LOOKS = 1000;

const comparators: readonly Comparator[] = [">=", "<=", "==", "!=", ">", "<"];

/** Reads a whole text. Signals that do not exist, selectors that do not go with the signal and units
 * that are not the signal's are problems too. */
export function parseCondition(text: string): ParsedCondition {
  if (text.length > LONGEST_CONDITION) {
    const message = `a condition has at most ${LONGEST_CONDITION} characters; this has ${text.length}`;
    return { ok: false, problem: { message, at: LONGEST_CONDITION } };
  }
  try {
    const expression = new Parser(text).whole();
    return { ok: true, condition: { text, expression } };
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error;
    return { ok: false, problem: { message: error.message, at: Math.min(error.at, text.length) } };
  }
}

class Parser {
  readonly #scan: Scanner;
  #comparisons = 0;

  constructor(text: string) {
    this.#scan = new Scanner(text);
  }

  whole(): Expression {
    this.#scan.blanks();
    if (this.#scan.atEnd) throw this.#scan.problem("is empty: write one such as cpu_usage > 90%");
    const expression = this.#any(0);
    if (!this.#scan.atEnd) throw this.#leftOver();
    return expression;
  }

  /** What stands where the condition could have ended. */
  #leftOver(): SyntaxProblem {
    const scan = this.#scan;
    if (scan.sees(")")) return scan.problem("this ) closes nothing");
    return scan.problem(`expected "and", "or", "for" or the end, not ${scan.found()}`);
  }

  #any(depth: number): Expression {
    return this.#list("or", () => this.#list("and", () => this.#part(depth)));
  }

  #list(word: "and" | "or", read: () => Expression): Expression {
    const parts = [read()];
    while (this.#scan.takeWord(word)) parts.push(read());
    return parts.length === 1 ? parts[0]! : { kind: word, parts };
  }

  #part(depth: number): Expression {
    const of = this.#scan.sees("(") ? this.#bracket(depth) : this.#comparison();
    return this.#scan.takeWord("for") ? this.#lasting(of) : of;
  }

  #bracket(depth: number): Expression {
    const scan = this.#scan;
    if (depth >= DEEPEST) throw scan.problem(`brackets go at most ${DEEPEST} deep`);
    const opened = scan.at;
    scan.take("(");
    const expression = this.#any(depth + 1);
    if (scan.take(")")) return expression;
    if (scan.atEnd) throw new SyntaxProblem("this ( is not closed", opened);
    throw scan.problem(`expected "and", "or", "for" or ), not ${scan.found()}`);
  }

  #lasting(of: Expression): Expression {
    const scan = this.#scan;
    const first = this.#number();
    if (first !== undefined && scan.takeWord("x")) {
      const times = Number(first.text);
      if (!Number.isInteger(times) || times < 2 || times > MOST_LOOKS) {
        throw new SyntaxProblem(`a whole number from 2 to ${MOST_LOOKS} goes here`, first.at);
      }
      return { kind: "lasting", of, forMs: this.#duration(), times };
    }
    scan.at = first?.at ?? scan.at;
    return { kind: "lasting", of, forMs: this.#duration(), times: undefined };
  }

  #number(): { readonly text: string; readonly at: number } | undefined {
    const { at } = this.#scan;
    const text = this.#scan.match(/\d+(\.\d+)?/y);
    // `3x15s` is one word in other places: here the x stands by itself.
    this.#scan.blanks();
    return text === undefined ? undefined : { text, at };
  }

  #duration(): number {
    const { at } = this.#scan;
    const text = this.#scan.match(/[0-9][0-9a-z.]*/iy);
    const forMs = text === undefined ? undefined : parseDuration(text);
    if (forMs) {
      this.#scan.blanks();
      return forMs;
    }
    const got = text === undefined ? this.#scan.found() : `"${text}"`;
    throw new SyntaxProblem(
      `expected how long, such as 5m or 3 x 15s (at most 24 days), not ${got}`,
      at,
    );
  }

  #comparison(): Expression {
    const scan = this.#scan;
    this.#comparisons++;
    if (this.#comparisons > MOST_COMPARISONS) {
      throw scan.problem(`a condition has at most ${MOST_COMPARISONS} comparisons`);
    }
    const signal = readSignal(scan);
    const comparator = this.#comparator(signal.name);
    const { at } = scan;
    const value = this.#value();
    const word = vocabulary.get(signal.name)!;
    const wrong = unitProblem(signal.name, word.unit, value);
    if (wrong !== undefined) throw new SyntaxProblem(wrong, at);
    return { kind: "comparison", signal, comparator, ...value };
  }

  #comparator(signal: string): Comparator {
    const scan = this.#scan;
    for (const comparator of comparators) if (scan.take(comparator)) return comparator;
    if (scan.sees("=")) throw scan.problem("to compare write ==");
    throw scan.problem(`expected a comparison, such as ${signal} > …, not ${scan.found()}`);
  }

  #value() {
    const scan = this.#scan;
    const { at } = scan;
    const number = scan.match(/-?(\d+(\.\d+)?|\.\d+)/y);
    if (number === undefined) throw scan.problem(`expected a number, not ${scan.found()}`);
    const unit = this.#unit();
    const value = toValue(number, unit);
    if (!value) {
      const known = ["%", "ms", "s", "m", "h", "B", "KiB", "MiB", "GiB", "/s", "/m"];
      const meant = nearest(unit, known);
      const hint =
        meant === undefined ? `units are ${known.join(" ")}` : `did you mean "${meant}"?`;
      throw new SyntaxProblem(`there is no such value as "${number}${unit}"; ${hint}`, at);
    }
    return { ...value, written: `${number}${unit}` };
  }

  /** Directly behind the number, or after blanks where it can't be a word of the condition. */
  #unit(): string {
    const scan = this.#scan;
    const near = scan.match(/%|\/\s?[a-z]+|[a-z][a-z0-9.]*/iy);
    const { at } = scan;
    scan.blanks();
    if (near !== undefined) return near.replaceAll(/\s/g, "");
    const far = scan.match(/%|\/\s?[smh]\b|(ms|[smhd]|[KMG]?i?B)\b/iy);
    if (far === undefined) scan.at = at;
    scan.blanks();
    return (far ?? "").replaceAll(/\s/g, "");
  }
}
