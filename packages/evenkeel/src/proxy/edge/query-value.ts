/** One parameter out of a query (the usual `a=1&b=2`), without taking the others apart. */

const AMPERSAND = 0x26;
const EQUALS = 0x3d;

/** The decoded value of the first parameter with that name; empty where it has no "=", `undefined`
 * where there is none. `query` comes without "?"; names are compared decoded and exactly. */
export function queryValue(query: string, name: string): string | undefined {
  let start = 0;
  while (start < query.length) {
    let end = start;
    let equals = -1;
    for (; end < query.length; end++) {
      const code = query.charCodeAt(end);
      if (code === AMPERSAND) break;
      if (code === EQUALS && equals < 0) equals = end;
    }
    const nameEnd = equals < 0 ? end : equals;
    if (isName(query, start, nameEnd, name)) {
      return equals < 0 ? "" : decode(query.slice(equals + 1, end));
    }
    start = end + 1;
  }
  return undefined;
}

function isName(query: string, start: number, end: number, name: string): boolean {
  if (end - start === name.length && query.startsWith(name, start)) return true;
  // A name spelt with escapes is longer than what it stands for.
  return end - start > 0 && end - start >= name.length && decode(query.slice(start, end)) === name;
}

function decode(text: string): string {
  if (!text.includes("%") && !text.includes("+")) return text;
  const spaced = text.replaceAll("+", " ");
  try {
    return decodeURIComponent(spaced);
  } catch {
    // Broken escapes stand for themselves: a query is the application's, not ours to refuse.
    return spaced;
  }
}
