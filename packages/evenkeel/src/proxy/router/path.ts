/**
 * What a path means before it is routed.
 *
 * Routes are matched against one spelling of a path: unreserved characters decoded, the other
 * escapes in upper case (RFC 3986 section 6.2.2), runs of slashes merged, dot segments resolved
 * after that (as nginx does, so that `/a//../b` is `/b`). An escaped slash stays escaped: it is
 * part of a name. Refused is what has no safe meaning: broken escapes, an escaped NUL, climbing
 * above the root, and a `..` that only shows when an origin takes an escaped slash, a backslash
 * or a `;parameter` for the end of a name.
 */

const SLASH = 0x2f;
const DOT = 0x2e;
const PERCENT = 0x25;
const BACKSLASH = 0x5c;
const SEMICOLON = 0x3b;

/** 1 for the characters that mean the same escaped or not (RFC 3986 section 2.3). */
const unreserved = new Uint8Array(256);
for (const character of "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~") {
  unreserved[character.charCodeAt(0)] = 1;
}

/** Value of a hexadecimal digit; -1 for all other characters. */
const hexValue = new Int8Array(256).fill(-1);
for (let digit = 0; digit < 16; digit++) {
  hexValue[digit.toString(16).charCodeAt(0)] = digit;
  hexValue[digit.toString(16).toUpperCase().charCodeAt(0)] = digit;
}

/** The target's part before the first "?". */
export function pathOf(target: string): string {
  const mark = target.indexOf("?");
  return mark < 0 ? target : target.slice(0, mark);
}

/** The target's part behind the first "?", without it; empty for none. */
export function queryOf(target: string): string {
  const mark = target.indexOf("?");
  return mark < 0 ? "" : target.slice(mark + 1);
}

/** The spelling that routes are matched against; `undefined` where the path must be refused
 * (`bad_target`). Returns the very same string where nothing needs to change. `*` stays `*`. */
export function normalizePath(path: string): string | undefined {
  if (isNormal(path)) return path;
  if (path === "*") return path;
  if (path.charCodeAt(0) !== SLASH) return undefined;
  const decoded = normalizeEscapes(path);
  if (decoded === undefined) return undefined;
  const resolved = resolveSegments(decoded);
  return resolved === undefined || hidesClimbing(resolved) ? undefined : resolved;
}

/** What the origin is asked for where no rewrite applies: the path as received, byte for byte, but
 * the normal one where the received one has dot segments, which an origin might resolve
 * differently. `normalized` is `normalizePath(received)`. */
export function pathToForward(received: string, normalized: string): string {
  if (received === normalized) return received;
  return hasDotSegment(received) ? normalized : received;
}

/** True for nearly every path: one look at each character finds nothing that could need work. */
function isNormal(path: string): boolean {
  const length = path.length;
  if (length === 0 || path.charCodeAt(0) !== SLASH) return false;
  let previous = SLASH;
  for (let at = 1; at < length; at++) {
    const code = path.charCodeAt(at);
    if (code === PERCENT || code === BACKSLASH) return false;
    if (previous === SLASH && (code === SLASH || (code === DOT && endsDot(path, at + 1)))) {
      return false;
    }
    previous = code;
  }
  return true;
}

/** Whether a segment that began with a dot may be a dot segment: not "/.well-known". */
function endsDot(path: string, at: number): boolean {
  const code = path.charCodeAt(at);
  return at === path.length || code === SLASH || code === DOT;
}

function normalizeEscapes(path: string): string | undefined {
  let from = path.indexOf("%");
  if (from < 0) return path;
  let result = "";
  let kept = 0;
  for (; from >= 0; from = path.indexOf("%", from + 3)) {
    const byte = escapedByte(path, from);
    // NUL ends a name in many an origin's file system calls: nothing good comes of it.
    if (byte <= 0) return undefined;
    result += path.slice(kept, from);
    result +=
      unreserved[byte] === 1 ? String.fromCharCode(byte) : path.slice(from, from + 3).toUpperCase();
    kept = from + 3;
  }
  return result + path.slice(kept);
}

/** The byte that the escape at `at` stands for; -1 where it is broken. */
function escapedByte(text: string, at: number): number {
  const high = at + 2 < text.length ? (hexValue[text.charCodeAt(at + 1)] ?? -1) : -1;
  const low = high < 0 ? -1 : (hexValue[text.charCodeAt(at + 2)] ?? -1);
  return low < 0 ? -1 : high * 16 + low;
}

function resolveSegments(path: string): string | undefined {
  const segments = path.split("/");
  const kept: string[] = [];
  for (const segment of segments) {
    if (segment === "" || segment === ".") continue;
    if (segment !== "..") kept.push(segment);
    else if (kept.pop() === undefined) return undefined;
  }
  const last = segments.at(-1);
  const isFolder = last === "" || last === "." || last === "..";
  return kept.length === 0 ? "/" : `/${kept.join("/")}${isFolder ? "/" : ""}`;
}

/** Whether some origin could read a `..` out of a segment that is none to us. */
function hidesClimbing(path: string): boolean {
  for (let at = path.indexOf(".."); at >= 0; at = path.indexOf("..", at + 1)) {
    if (startsName(path, at) && endsNameAt(path, at + 2)) return true;
  }
  return false;
}

/** Whether a name may begin at `at` for a lenient reader: behind a slash in any disguise. */
function startsName(path: string, at: number): boolean {
  const before = path.charCodeAt(at - 1);
  if (before === SLASH || before === BACKSLASH) return true;
  return path.startsWith("%2F", at - 3) || path.startsWith("%5C", at - 3);
}

function endsNameAt(path: string, at: number): boolean {
  if (at === path.length) return true;
  const after = path.charCodeAt(at);
  if (after === SLASH || after === BACKSLASH || after === SEMICOLON) return true;
  if (after !== PERCENT) return false;
  const escape = path.slice(at, at + 3);
  return escape === "%2F" || escape === "%5C" || escape === "%3B";
}

/** Dot segments in any spelling: `.`, `..`, with either dot escaped. */
function hasDotSegment(path: string): boolean {
  for (const segment of path.split("/")) {
    if (segment.length === 0 || segment.length > 6) continue;
    const plain = segment.replaceAll(/%2e/gi, ".");
    if (plain === "." || plain === "..") return true;
  }
  return false;
}
