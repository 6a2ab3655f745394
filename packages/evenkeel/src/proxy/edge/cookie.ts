/** One cookie out of a Cookie header (RFC 6265 section 4.2), without taking the others apart. */

const SPACE = 0x20;
const SEMICOLON = 0x3b;
const EQUALS = 0x3d;
const QUOTE = 0x22;

/** The value of the first cookie with exactly that name, without surrounding quotes; `undefined` for
 * none. */
export function cookieValue(header: string | undefined, name: string): string | undefined {
  if (header === undefined) return undefined;
  for (let at = header.indexOf(name); at >= 0; at = header.indexOf(name, at + 1)) {
    const equals = at + name.length;
    if (header.charCodeAt(equals) === EQUALS && startsPair(header, at)) {
      return valueFrom(header, equals + 1);
    }
  }
  return undefined;
}

/** Whether a name can begin at `at`: at the start, or behind ";" and spaces. */
function startsPair(header: string, at: number): boolean {
  let before = at - 1;
  while (before >= 0 && header.charCodeAt(before) === SPACE) before--;
  if (before < 0) return true;
  return header.charCodeAt(before) === SEMICOLON;
}

function valueFrom(header: string, start: number): string {
  let from = start;
  let to = from;
  while (to < header.length && header.charCodeAt(to) !== SEMICOLON) to++;
  while (to > from && header.charCodeAt(to - 1) === SPACE) to--;
  if (to - from >= 2 && header.charCodeAt(from) === QUOTE && header.charCodeAt(to - 1) === QUOTE) {
    from++;
    to--;
  }
  return header.slice(from, to);
}
