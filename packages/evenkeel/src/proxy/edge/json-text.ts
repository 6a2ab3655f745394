/** JSON strings, written by hand: most of what a log line quotes needs no escape. */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** The text in quotes. ASCII throughout: control characters, quotes and everything above 0x7e become
 * escapes, so that latin1 text from the wire gives a line that is valid in any encoding. */
export function jsonText(text: string): string {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x20 || code > 0x7e || code === QUOTE || code === BACKSLASH) {
      return escapeFrom(text, at);
    }
  }
  return `"${text}"`;
}

function escapeFrom(text: string, first: number): string {
  let result = `"${text.slice(0, first)}`;
  for (let at = first; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) result += String.raw`\"`;
    else if (code === BACKSLASH) result += String.raw`\\`;
    else if (code < 0x20 || code > 0x7e) result += `\\u${code.toString(16).padStart(4, "0")}`;
    else result += text.charAt(at);
  }
  return `${result}"`;
}
