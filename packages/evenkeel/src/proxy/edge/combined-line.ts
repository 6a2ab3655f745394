/** An access log's line in the "combined" form, as nginx writes it. */
import type { AccessEntry } from "./contract.ts";
import type { LineFormat } from "./line-format.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Combined lines. The user is always "-", empty values are "-" in their quotes, times are those of
 * the answer's end in the machine's time zone, and what could break the line is escaped as nginx
 * does (`\xHH`). `offsetMinutes` gives the zone's minutes east of UTC at a time. */
export function createCombinedFormat(
  offsetMinutes: (ms: number) => number = (ms) => -new Date(ms).getTimezoneOffset(),
): LineFormat {
  const time = createLocalTime(offsetMinutes);
  return (entry, out) => {
    out.text(
      `${entry.clientAddress} - - [${time(entry.startedAtMs + entry.durationUs / 1_000)}] ` +
        `"${requestLine(entry)}" ${String(entry.status).padStart(3, "0")} ${entry.bytesSent} ` +
        `"${quoted(entry.referer)}" "${quoted(entry.userAgent)}"\n`,
    );
  };
}

/** Empty where the request's line could not be read. */
function requestLine({ method, target, minorVersion }: AccessEntry): string {
  return method === "" ? "-" : `${escapeText(method)} ${escapeText(target)} HTTP/1.${minorVersion}`;
}

function quoted(text: string): string {
  return text === "" ? "-" : escapeText(text);
}

function escapeText(text: string): string {
  for (let at = 0; at < text.length; at++) {
    if (needsEscape(text.charCodeAt(at))) return escapeFrom(text, at);
  }
  return text;
}

function needsEscape(code: number): boolean {
  return code < 0x20 || code > 0x7e || code === QUOTE || code === BACKSLASH;
}

function escapeFrom(text: string, first: number): string {
  let result = text.slice(0, first);
  for (let at = first; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (!needsEscape(code)) result += text.charAt(at);
    // Text from the wire is latin1; configured text may be more, and is written as UTF-8.
    else if (code < 0x100) result += hexEscape(code);
    else for (const byte of Buffer.from(text.charAt(at))) result += hexEscape(byte);
  }
  return result;
}

function hexEscape(code: number): string {
  return `\\x${code.toString(16).toUpperCase().padStart(2, "0")}`;
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `21/Nov/2026:12:38:57 +0000`, made anew once a second. */
function createLocalTime(offsetMinutes: (ms: number) => number): (ms: number) => string {
  let second = -1;
  let text = "";
  return (ms) => {
    const current = Math.floor(ms / 1_000);
    if (current !== second) {
      second = current;
      text = formatLocal(current * 1_000, offsetMinutes(current * 1_000));
    }
    return text;
  };
}

function formatLocal(ms: number, offset: number): string {
  const local = new Date(ms + offset * 60_000);
  const day = `${two(local.getUTCDate())}/${months[local.getUTCMonth()]}/${local.getUTCFullYear()}`;
  const time = `${two(local.getUTCHours())}:${two(local.getUTCMinutes())}:${two(local.getUTCSeconds())}`;
  const ahead = Math.abs(offset);
  const zone = `${offset < 0 ? "-" : "+"}${two(Math.floor(ahead / 60))}${two(ahead % 60)}`;
  return `${day}:${time} ${zone}`;
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}
