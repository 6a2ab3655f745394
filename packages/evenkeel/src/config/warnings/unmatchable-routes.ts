/** Routes that no request can fulfil, whatever other routes there are. */
import type { Config } from "../config.ts";
import type { Problem } from "../problem.ts";
import type { PathMatch, ValueMatch } from "../schema/match.ts";
import type { Path, Source } from "../source/source.ts";

type Warn = (key: Path, rule: string, hint?: string) => void;

/** All routes, in order. */
export function warnOfUnmatchableRoutes(config: Config, source: Source): Problem[] {
  const problems: Problem[] = [];
  config.routes.forEach(({ path, headers }, at) => {
    const warn: Warn = (key, rule, hint) =>
      problems.push(source.problemAt(["routes", at, ...key], `never matches: ${rule}`, { hint }));
    if (path?.kind === "regex") warnOfExpression(path, warn);
    else if (path) warnOfPath(path, warn);
    if (headers) warnOfHeaders(headers, warn);
  });
  return problems;
}

function warnOfPath({ value }: PathMatch, warn: Warn): void {
  const broken = /%(?![0-9a-f]{2}).{0,2}/i.exec(value)?.[0];
  if (broken !== undefined) {
    warn(["path"], `${broken} is no escape; a percent sign is written %25`);
  } else if (isRefused(value)) {
    warn(["path"], "requests for such a path are refused (400)");
  }
}

/** Whether requests for that path have no safe meaning to the proxies: a NUL, a climb above the root,
 * or a `..` that only some origins see. Slashes and other dot segments are no reason: the path is
 * compared in the spelling that requests are brought to. */
function isRefused(path: string): boolean {
  const decoded = path.replaceAll(/%[0-9a-f]{2}/gi, (escape) => {
    const character = String.fromCharCode(Number.parseInt(escape.slice(1), 16));
    return /[\w.~-]/.test(character) ? character : escape.toUpperCase();
  });
  if (decoded.includes("%00")) return true;
  const kept: string[] = [];
  for (const segment of decoded.split("/")) {
    if (segment === "" || segment === ".") continue;
    if (segment !== "..") kept.push(segment);
    else if (kept.pop() === undefined) return true;
  }
  return /(?:\/|\\|%2F|%5C)\.\.(?:$|[/\\;]|%2F|%5C|%3B)/.test(`/${kept.join("/")}`);
}

function warnOfExpression({ value }: PathMatch, warn: Warn): void {
  const key = ["path", "regex"];
  if (isNeverAtRoot(value)) warn(key, 'paths begin with "/"', "did you mean ^/?");
  else if (hasEmptySegment(value)) warn(key, "paths are compared with runs of slashes merged");
}

/** Whether all that an expression matches begins with something other than a slash. False where that
 * is not plain to see. */
function isNeverAtRoot(pattern: string): boolean {
  if (isIntricate(pattern)) return false;
  return alternatives(pattern).every((one) => one.startsWith("^") && beginsOtherwise(one.slice(1)));
}

/** Flags, quotes and classes mean more than their characters. */
function isIntricate(pattern: string): boolean {
  return /\(\?(?!:)|\\Q|\[/.test(pattern);
}

function beginsOtherwise(part: string): boolean {
  if (part.startsWith("(")) {
    const end = endOfGroup(part);
    if (isOptional(part.slice(end + 1))) return false;
    const inner = part.slice(1, end).replace(/^\?:/, "");
    return alternatives(inner).every(beginsOtherwise);
  }
  // A letter, a digit or a mark that stands for itself; "*" is a target of its own.
  const literal = /^(?:[\w~%-]|\\[.~-])/.exec(part)?.[0];
  return literal !== undefined && !isOptional(part.slice(literal.length));
}

function isOptional(behind: string): boolean {
  return /^(?:[?*]|\{0)/.test(behind);
}

/** What a "|" outside of groups keeps apart. */
function alternatives(pattern: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at];
    if (character === "\\") at++;
    else if (character === "(") depth++;
    else if (character === ")") depth--;
    else if (character === "|" && depth === 0) {
      parts.push(pattern.slice(from, at));
      from = at + 1;
    }
  }
  return [...parts, pattern.slice(from)];
}

/** Where the group at the start of a sound expression closes. */
function endOfGroup(part: string): number {
  let depth = 0;
  for (let at = 0; at < part.length; at++) {
    if (part[at] === "\\") at++;
    else if (part[at] === "(") depth++;
    else if (part[at] === ")" && --depth === 0) return at;
  }
  return part.length;
}

/** Whether an anchored expression begins with plain text in which two slashes meet. */
function hasEmptySegment(pattern: string): boolean {
  if (isIntricate(pattern) || pattern.includes("|")) return false;
  return /^\^(?:[\w/~-]|\\[/.~-])*?\\?\/\\?\/(?![?*{])/.test(pattern);
}

/** Names are the same in any case, so that one header may be asked for twice. */
function warnOfHeaders(headers: Readonly<Record<string, ValueMatch>>, warn: Warn): void {
  const seen = new Map<string, { readonly name: string; readonly match: ValueMatch }>();
  for (const [name, match] of Object.entries(headers)) {
    const other = seen.get(name.toLowerCase());
    if (other && exclude(other.match, match)) {
      warn(["headers", name], `${other.name} asks for another value of the same header`);
    }
    seen.set(name.toLowerCase(), { name, match });
  }
}

/** Whether no value fulfils both; false where an expression would have to be understood. */
function exclude(one: ValueMatch, other: ValueMatch): boolean {
  if (one.kind === "absent" || other.kind === "absent") return one.kind !== other.kind;
  const { kind, value } = one;
  if (kind === "exact" && other.kind === "exact") return value !== other.value;
  if (kind === "exact" && other.kind === "prefix") return !value.startsWith(other.value);
  if (kind !== "prefix") return false;
  if (other.kind === "exact") return !other.value.startsWith(value);
  if (other.kind !== "prefix") return false;
  return !value.startsWith(other.value) && !other.value.startsWith(value);
}
