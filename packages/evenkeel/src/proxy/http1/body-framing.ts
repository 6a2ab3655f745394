/** Reads the fields that say how long a body is: RFC 9112 sections 6.1 and 6.2, the strict half. */
import { equalsIgnoringCase } from "./ascii.ts";
import { latin1 } from "./latin1.ts";
import { HTAB, notToken, SP } from "./octets.ts";

/** 2^53 - 1 has sixteen digits. */
const MOST_DIGITS = 16;

const ZERO = 0x30;

/** The length written at bytes[start, end): digits alone, no sign, no list, at most 2^53 - 1. -1 for
 * anything else. */
export function readContentLength(bytes: Uint8Array, start: number, end: number): number {
  if (end === start || end - start > MOST_DIGITS) return -1;
  let length = 0;
  for (let at = start; at < end; at++) {
    const digit = bytes[at]! - ZERO;
    if (digit < 0 || digit > 9) return -1;
    length = length * 10 + digit;
  }
  return length <= Number.MAX_SAFE_INTEGER ? length : -1;
}

/** What a Transfer-Encoding value is: the one supported coding, others that are well-formed, or
 * something that frames no message. */
export type Coding = "chunked" | "unsupported" | "malformed";

/** Judges the Transfer-Encoding value at bytes[start, end). `chunked` beside other codings is
 * malformed unless it is the last and only one of its kind (RFC 9112 section 6.1). */
export function readTransferEncoding(bytes: Buffer, start: number, end: number): Coding {
  if (equalsIgnoringCase(bytes, start, end, "chunked")) return "chunked";
  const codings = latin1(bytes, start, end).split(",").map(trimBlanks);
  for (let i = 0; i < codings.length; i++) {
    const name = codingName(codings[i]!);
    if (name === undefined) return "malformed";
    const isLast = i === codings.length - 1;
    if (name === "chunked" && (!isLast || codings[i]!.length > name.length)) return "malformed";
  }
  return "unsupported";
}

/** The coding's name in lower case where `coding` is a token with parameters or none. */
function codingName(coding: string): string | undefined {
  const [name = "", ...parameters] = coding.split(";").map(trimBlanks);
  if (!isToken(name)) return undefined;
  for (const parameter of parameters) {
    const [key = "", value = "", ...more] = parameter.split("=").map(trimBlanks);
    if (!isToken(key) || !isToken(value) || more.length > 0) return undefined;
  }
  return name.toLowerCase();
}

/** A token of at least one character. */
function isToken(part: string): boolean {
  for (let at = 0; at < part.length; at++) {
    if (notToken[part.charCodeAt(at)] !== 0) return false;
  }
  return part.length > 0;
}

/** Without spaces and tabs around it. `trim` would also take what only looks blank. */
function trimBlanks(part: string): string {
  let start = 0;
  let end = part.length;
  while (start < end && isBlank(part.charCodeAt(start))) start++;
  while (end > start && isBlank(part.charCodeAt(end - 1))) end--;
  return part.slice(start, end);
}

function isBlank(octet: number): boolean {
  return octet === SP || octet === HTAB;
}
