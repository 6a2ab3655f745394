/**
 * Reads an authority: the value of `Host`, or the part of an absolute target behind "//".
 *
 * Accepted are names of letters, digits, "-", ".", "_" and "~" without empty labels (one dot at
 * the end may stand), IPv4 addresses, IPv6 addresses in brackets, and a port of one to five digits.
 * RFC 3986 also allows sub-delimiters and percent-encoding in names; no service is found by such a
 * name, and they are how lists and injected markup would get into forwarded headers, so they are
 * refused, like user information.
 */
import { isIPv6 } from "node:net";

import { latin1 } from "./latin1.ts";

const DOT = 0x2e;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

const PLAIN = 1;
const UPPER = 2;
const kinds = new Uint8Array(256).map((_, octet) => {
  const character = String.fromCharCode(octet);
  if (octet < 0x80 && /[A-Z]/.test(character)) return UPPER;
  return octet < 0x80 && /[a-z0-9_~.-]/.test(character) ? PLAIN : 0;
});

/** No authority. */
export const BAD_AUTHORITY = -1;

/** Twice the position where the host ends in bytes[start, end), plus one where it has upper-case
 * letters; BAD_AUTHORITY where it is none. An empty one is none. */
export function readAuthority(bytes: Buffer, start: number, end: number): number {
  if (start >= end) return BAD_AUTHORITY;
  if (bytes[start] === OPEN_BRACKET) return readIpv6(bytes, start, end);
  let labelStart = start;
  let upper = 0;
  let at = start;
  for (; at < end; at++) {
    const octet = bytes[at]!;
    if (octet === COLON) break;
    const kind = kinds[octet]!;
    if (kind === 0) return BAD_AUTHORITY;
    if (kind === UPPER) upper = 1;
    if (octet === DOT) {
      if (at === labelStart) return BAD_AUTHORITY;
      labelStart = at + 1;
    }
  }
  if (at === start || !isPort(bytes, at, end)) return BAD_AUTHORITY;
  return at * 2 + upper;
}

function readIpv6(bytes: Buffer, start: number, end: number): number {
  const close = bytes.indexOf(CLOSE_BRACKET, start);
  if (close < 0 || close >= end) return BAD_AUTHORITY;
  const address = latin1(bytes, start + 1, close);
  // A zone ("%eth0") says something about this machine only.
  if (!isIPv6(address) || address.includes("%")) return BAD_AUTHORITY;
  if (!isPort(bytes, close + 1, end)) return BAD_AUTHORITY;
  return (close + 1) * 2 + (address === address.toLowerCase() ? 0 : 1);
}

/** Nothing, or ":" and one to five digits up to 65535. */
function isPort(bytes: Uint8Array, start: number, end: number): boolean {
  if (start === end) return true;
  const digits = end - start - 1;
  if (bytes[start] !== COLON || digits < 1 || digits > 5) return false;
  let port = 0;
  for (let at = start + 1; at < end; at++) {
    const digit = bytes[at]! - 0x30;
    if (digit < 0 || digit > 9) return false;
    port = port * 10 + digit;
  }
  return port <= 65535;
}
