/** The values a configuration is written with: durations, sizes, addresses, networks and so on. */
import { domainToASCII } from "node:url";
import { RE2JS } from "re2js";
import { z } from "zod";
import { formatAddress, parseAddress, parseBind, type Address } from "../../lib/address.ts";
import { parseDuration } from "../../lib/duration.ts";
import { parseNetwork } from "../../lib/network.ts";
import { parsePercent } from "../../lib/percent.ts";
import { parseRate } from "../../lib/rate.ts";
import { parseSize } from "../../lib/size.ts";
import { scalar, someTextRule, textScalar } from "./variants.ts";

/** The most that any count may be: a 32-bit word of the board holds it. */
export const largestCount = 0x7fff_ffff;

const durationJson = { "x-type": "duration", examples: ["5s", "250ms", "1m30s"] };
const sizeJson = { "x-type": "size", examples: ["64KiB", "10k", "1MiB"] };

/** Milliseconds above zero. */
export const duration = textScalar(
  'a duration such as "5s", "250ms" or "1m30s", up to 24 days',
  { ...durationJson, pattern: "^([0-9]+(\\.[0-9]+)?(ms|s|m|h|d))+$" },
  (text) => parseDuration(text) || undefined,
);

/** Milliseconds; 0 for `off`. */
export const durationOrOff = scalar(
  'a duration such as "5s", "250ms" or "1m30s", or off',
  { type: ["string", "integer"], "x-type": "duration or `off`", examples: ["5s", "off"] },
  (value) => {
    if (value === "off" || value === 0) return 0;
    return typeof value === "string" ? parseDuration(value) : undefined;
  },
);

/** Bytes above zero. */
export const size = scalar(
  'a size such as "64KiB", "1MiB" or "10k"',
  { type: ["string", "integer"], ...sizeJson },
  (value) => sizeOf(value) || undefined,
);

/** Bytes; 0 for `off`. */
export const sizeOrOff = scalar(
  'a size such as "64KiB", "1MiB" or "10k", or off',
  { type: ["string", "integer"], "x-type": "size or `off`", examples: ["1MiB", "off"] },
  (value) => (value === "off" ? 0 : sizeOf(value)),
);

function sizeOf(value: unknown): number | undefined {
  if (typeof value === "number")
    return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
  return typeof value === "string" ? parseSize(value) : undefined;
}

/** A whole number from `least` to `most`. */
export function count(least: number, most = largestCount): z.ZodType<number> {
  const range = most === largestCount ? `of at least ${least}` : `from ${least} to ${most}`;
  return scalar(
    `a whole number ${range}`,
    { type: "integer", minimum: least, ...(most < largestCount && { maximum: most }) },
    (value) => (isWhole(value) && value >= least && value <= most ? value : undefined),
  );
}

/** A whole number above zero, or 0 for `off`. */
export const countOrOff = scalar(
  "a whole number of at least 1, or off",
  { type: ["integer", "string"], "x-type": "integer or `off`", minimum: 0, pattern: "^off$" },
  (value) => {
    if (value === "off") return 0;
    return isWhole(value) && value >= 0 && value <= largestCount ? value : undefined;
  },
);

function isWhole(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value);
}

/** A share as a number of percent within a range. */
export function percent(least = 0, most = 100): z.ZodType<number> {
  return textScalar(
    `a percentage from "${least}%" to "${most}%"`,
    { "x-type": "percentage", pattern: "^[0-9]+(\\.[0-9]+)? ?%$", examples: ["50%"] },
    (text) => {
      const value = parsePercent(text);
      return value !== undefined && value >= least && value <= most ? value : undefined;
    },
  );
}

/** Events per second. */
export const rate = textScalar(
  'a rate such as "100/s", "1000/m" or "5/h"',
  { "x-type": "rate", pattern: "^[0-9]+(\\.[0-9]+)? ?/ ?[smh]$", examples: ["100/s", "1000/m"] },
  parseRate,
);

/** Where to listen. */
export const bindAddress = scalar<Address>(
  'an address to listen on: "host:port", "[::]:port", ":port" or a port',
  { type: ["string", "integer"], "x-type": "address", examples: ["127.0.0.1:8080", "[::]:8080"] },
  (value) => {
    if (typeof value === "number") return parseBind(String(value));
    return typeof value === "string" ? parseBind(value) : undefined;
  },
);

/** Where an origin is reached. `name` is how it is written, in lower case. */
export const originAddress = textScalar<Address & { readonly name: string }>(
  '"host:port" with a port from 1 to 65535, such as "10.0.0.1:8080", "[fd00::1]:8080" or "app:80"',
  { "x-type": "address", examples: ["10.0.0.1:8080"] },
  (text) => {
    const address = parseAddress(text);
    return address && address.port > 0 ? { ...address, name: formatAddress(address) } : undefined;
  },
);

/** A network in canonical CIDR notation. */
export const network = textScalar(
  'an address or a network such as "10.0.0.0/8" or "fd00::/8"',
  { "x-type": "network", examples: ["10.0.0.0/8", "127.0.0.1"] },
  parseNetwork,
);

/** A host to match: lower case, in its ASCII form, `*.` in front for a wildcard. */
export const hostPattern = textScalar(
  'a host name without port, such as "shop.example" or "*.shop.example"',
  { "x-type": "host", examples: ["shop.example", "*.shop.example"] },
  (text) => {
    const wildcard = text.startsWith("*.");
    const bare = (wildcard ? text.slice(2) : text).replace(/\.$/, "");
    if (/^\[[0-9a-f:.]+\]$/i.test(bare)) return wildcard ? undefined : bare.toLowerCase();
    if (bare === "" || /[*:/?#@[\]\s%]/.test(bare)) return undefined;
    const ascii = /^[\w.-]+$/.test(bare) ? bare.toLowerCase() : domainToASCII(bare);
    return ascii === "" ? undefined : (wildcard ? "*." : "") + ascii;
  },
);

/** The Host field towards an origin. */
export const hostField = textScalar(
  'a host with an optional port, such as "app.internal" or "app.internal:8080"',
  { "x-type": "text" },
  (text) => (/^(\[[0-9A-Fa-f:.]+\]|[\w.-]+)(:\d{1,5})?$/.test(text) ? text : undefined),
);

/** A path as it stands in a request: starts with "/", no query, no white space. Characters outside
 * ASCII are written as their UTF-8 escapes. */
export const urlPath = textScalar(
  'a path that begins with "/", without "?", "#" and blanks',
  { "x-type": "path", pattern: "^/[^?#\\s]*$" },
  (text) => escapedPath(text, /^\/[^?#\s\p{Cc}\p{Cs}]*$/u),
);

/** A path with an optional query. */
export const requestTarget = textScalar(
  'a path that begins with "/", without "#" and blanks',
  { "x-type": "path", pattern: "^/[^#\\s]*$" },
  (text) => escapedPath(text, /^\/[^#\s\p{Cc}\p{Cs}]*$/u),
);

function escapedPath(text: string, allowed: RegExp): string | undefined {
  if (!allowed.test(text)) return undefined;
  return text.replaceAll(/[^\x21-\x7e]+/g, (part) => encodeURI(part));
}

/** A regular expression in RE2's syntax: matched in linear time, without look-around and
 * back-references. */
export const regex = textScalar(
  "a regular expression in RE2 syntax (no look-around, no back-references)",
  { "x-type": "regex" },
  (text) => (compiles(text) ? text : undefined),
);

function compiles(pattern: string): boolean {
  try {
    RE2JS.compile(pattern);
    return true;
  } catch {
    // re2js throws for exactly what it can't compile: that is the answer.
    return false;
  }
}

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** A header field's name as written. */
export const headerName = textScalar(
  'a header name such as "X-Request-Id"',
  { "x-type": "header name" },
  (text) => (token.test(text) ? text : undefined),
);

/** A cookie's name. */
export const cookieName = textScalar(
  "a cookie name: letters, digits and !#$%&'*+-.^_`|~",
  { "x-type": "text" },
  (text) => (token.test(text) ? text : undefined),
);

/** A header field's value: visible latin text, no line ends. */
export const headerValue = textScalar(
  "text of one line, in letters up to ÿ (put numbers and words such as true in quotes)",
  { "x-type": "text" },
  (text) => (/^[\t\x20-\x7e\xa0-\xff]*$/.test(text) ? text.trim() : undefined),
);

/** A request method, in upper case. */
export const method = textScalar('a request method such as "GET"', { "x-type": "method" }, (text) =>
  token.test(text) && text.length <= 32 ? text.toUpperCase() : undefined,
);

/** Text of at least one character. */
export const someText = textScalar(someTextRule, { "x-type": "text", minLength: 1 }, (text) =>
  text === "" ? undefined : text,
);

/** Any text, maybe empty. */
export const anyText = textScalar(
  "text (put numbers and words such as true in quotes)",
  { "x-type": "text" },
  (text) => text,
);

/** A final status an answer may have. */
export const status = count(200, 599);

/** The name of a thing in this file: what other keys, logs and metrics call it. */
export const nameRule = "a name of up to 100 letters, digits, - _ . and /";
const nameForm = /^[A-Za-z0-9][A-Za-z0-9_./-]{0,99}$/;

/** A name; see `nameRule`. */
export const name = textScalar(nameRule, { "x-type": "name", pattern: nameForm.source }, (text) =>
  nameForm.test(text) ? text : undefined,
);

/** A record's key that is a name. */
export const nameKey = z.string().regex(nameForm, `must be ${nameRule}`);
