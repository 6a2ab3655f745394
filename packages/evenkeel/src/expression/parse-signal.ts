/** Reads the left side of a comparison: a signal and what it is of. */
import { parseDuration } from "../lib/duration.ts";
import { nearest } from "../lib/edit-distance.ts";
import type { SignalRef } from "./expression.ts";
import { type Scanner, SyntaxProblem } from "./scanner.ts";
import { type SignalWord, vocabulary } from "./vocabulary.ts";

/** A selector's value without quotes: names, addresses, `*`. */
const bareValue = /[\w.:/*[\]-]+/y;

/** Leaves the scanner at the comparator. */
export function readSignal(scan: Scanner): SignalRef {
  const { at } = scan;
  const name = scan.match(/\w+/y);
  if (name === undefined) {
    throw scan.problem(`expected a signal such as cpu_usage, not ${scan.found()}`);
  }
  const word = vocabulary.get(name);
  if (!word) throw new SyntaxProblem(unknownSignal(name), at);
  scan.blanks();
  if (name === "prometheus") return { name, selector: {}, query: readQuery(scan) };
  const selector = scan.take("(") ? readSelector(scan, word) : {};
  if (name === "metric" && selector["name"] === undefined) {
    throw new SyntaxProblem("say which metric: metric(name=…)", at);
  }
  return { name, selector, query: undefined };
}

function unknownSignal(name: string): string {
  const meant = nearest(name, vocabulary.keys());
  const hint =
    meant === undefined
      ? `there are ${[...vocabulary.keys()].join(", ")}`
      : `did you mean "${meant}"?`;
  return `there is no signal "${name}"; ${hint}`;
}

function readQuery(scan: Scanner): string {
  if (!scan.take("(")) throw scan.problem('expected a query: prometheus("…")');
  const { at } = scan;
  const query = readText(scan);
  if (query === undefined) throw scan.problem('expected the query in quotes: prometheus("…")');
  if (query.trim() === "") throw new SyntaxProblem("the query is empty", at);
  close(scan);
  return query;
}

function readSelector(scan: Scanner, word: SignalWord): Readonly<Record<string, string>> {
  const selector: Record<string, string> = {};
  do {
    const { at } = scan;
    const { key, value } = readPair(scan, word);
    if (Object.hasOwn(selector, key)) throw new SyntaxProblem(`${key} is written twice`, at);
    checkPair(word, key, value, at);
    // Not an assignment: "__proto__" is a name like any other.
    Object.defineProperty(selector, key, { value, enumerable: true });
    checkTogether(selector, at);
  } while (scan.take(","));
  close(scan);
  return selector;
}

function readPair(scan: Scanner, word: SignalWord): { key: string; value: string } {
  const start = scan.at;
  const key = scan.match(/[A-Za-z_]\w*/y);
  scan.blanks();
  if (key !== undefined && scan.sees("=") && !scan.sees("==")) {
    scan.take("=");
    return { key, value: readValue(scan) };
  }
  scan.at = start;
  const value = readValue(scan);
  return { key: loneKey(word, value, start), value };
}

/** A lone name is the one the signal is of. */
function loneKey(word: SignalWord, value: string, at: number): string {
  if (word.name === "metric") return "name";
  const [first] = word.of;
  if (first === "process") return /\.\d+$/.test(value) ? "instance" : "process";
  if (first === undefined) throw new SyntaxProblem(`${word.name} takes no selector`, at);
  return first;
}

function readValue(scan: Scanner): string {
  const value = readText(scan) ?? scan.match(bareValue);
  if (value === undefined) throw scan.problem(`expected a name, not ${scan.found()}`);
  scan.blanks();
  return value;
}

/** Text in either kind of quotes; a backslash takes the next character as it is. */
function readText(scan: Scanner): string | undefined {
  const { at } = scan;
  const raw = scan.match(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/sy);
  if (raw === undefined) {
    if (scan.sees('"') || scan.sees("'")) throw new SyntaxProblem("this quote is not closed", at);
    return undefined;
  }
  scan.blanks();
  return raw.slice(1, -1).replaceAll(/\\(.)/gs, "$1");
}

function close(scan: Scanner): void {
  if (!scan.take(")")) throw scan.problem(`expected ), not ${scan.found()}`);
}

function checkPair(word: SignalWord, key: string, value: string, at: number): void {
  if (value === "") throw new SyntaxProblem(`${key} is empty`, at);
  if (key === "window") {
    checkWindow(word, value, at);
    return;
  }
  // A metric's own labels are its page's business.
  if (word.name === "metric" || (word.of as readonly string[]).includes(key)) return;
  const allowed = [...word.of, ...(word.window ? ["window"] : [])];
  const meant = nearest(key, allowed);
  const hint = meant === undefined ? `it takes ${allowed.join(", ")}` : `did you mean "${meant}"?`;
  throw new SyntaxProblem(`${word.name} has no "${key}"; ${hint}`, at);
}

function checkWindow({ name, window }: SignalWord, value: string, at: number): void {
  if (name === "metric") return;
  if (!window) throw new SyntaxProblem(`${name} is what it is now: it takes no window`, at);
  const ms = parseDuration(value);
  if (ms !== undefined && ms >= 1000 && ms <= window.longestMs) return;
  const longest = window.longestMs / 60_000;
  throw new SyntaxProblem(`a window of ${name} is 1s to ${longest}m, not "${value}"`, at);
}

/** A route leads to an upstream, but what is measured is measured of one or of the other. */
function checkTogether(selector: Readonly<Record<string, string>>, at: number): void {
  if (selector["route"] === undefined) return;
  if (selector["upstream"] === undefined && selector["endpoint"] === undefined) return;
  throw new SyntaxProblem("name a route or an upstream, not both", at);
}
