/**
 * The grammar of chunk extensions (RFC 9112 section 7.1.1) behind the first ";", as a table of next
 * states. They are never passed on, but what is malformed is refused: a parser that ends such a
 * line elsewhere would see other chunks.
 */
import { CR, HTAB, notToken, notValue, SP } from "./octets.ts";

const NAME_START = 0;
const NAME = 1;
const NAME_END = 2;
const VALUE_START = 3;
const VALUE = 4;
const VALUE_END = 5;
const QUOTED = 6;
const QUOTED_PAIR = 7;
/** Just behind a quoted string. */
const QUOTED_END = 8;
/** The CR that ends the extensions was read. */
export const EXTENSION_END = 9;
/** No extension. */
export const EXTENSION_BAD = 10;

const DOUBLE_QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SEMICOLON = 0x3b;
const EQUALS = 0x3d;

/** `state * 256 + octet` gives the next state; 0 is the one behind ";". White space may stand
 * around ";" and "=", as the RFC wants, but not before the line's end. */
export const extensionTransitions: Uint8Array = new Uint8Array(9 * 256).map((_, index) =>
  next(index >> 8, index & 255),
);

function next(state: number, octet: number): number {
  if (state === QUOTED) return nextQuoted(octet);
  if (state === QUOTED_PAIR) return notValue[octet] === 0 ? QUOTED : EXTENSION_BAD;
  if (notToken[octet] === 0) return nextToken(state);
  if (octet === SP || octet === HTAB) return nextBlank(state);
  if (octet === DOUBLE_QUOTE) return state === VALUE_START ? QUOTED : EXTENSION_BAD;
  if (octet === EQUALS) return state === NAME || state === NAME_END ? VALUE_START : EXTENSION_BAD;
  if (octet === SEMICOLON) return isComplete(state) || isPaused(state) ? NAME_START : EXTENSION_BAD;
  return octet === CR && isComplete(state) ? EXTENSION_END : EXTENSION_BAD;
}

function nextQuoted(octet: number): number {
  if (octet === DOUBLE_QUOTE) return QUOTED_END;
  if (octet === BACKSLASH) return QUOTED_PAIR;
  return notValue[octet] === 0 ? QUOTED : EXTENSION_BAD;
}

function nextToken(state: number): number {
  if (state === NAME_START || state === NAME) return NAME;
  return state === VALUE_START || state === VALUE ? VALUE : EXTENSION_BAD;
}

function nextBlank(state: number): number {
  if (state === NAME) return NAME_END;
  if (state === VALUE || state === QUOTED_END) return VALUE_END;
  return state;
}

function isComplete(state: number): boolean {
  return state === NAME || state === VALUE || state === QUOTED_END;
}

function isPaused(state: number): boolean {
  return state === NAME_END || state === VALUE_END;
}
