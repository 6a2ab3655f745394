/**
 * Follows a head that arrives in pieces, so that each octet costs the same however few come at a
 * time: a state machine over octet classes looks at new bytes only, and the full scan runs again
 * only when the outcome may be decided.
 *
 * The machine keeps nothing but a number per connection: octets followed, fields begun, state. It
 * is sure only of "not decided yet"; where it is in doubt it says "maybe", which costs one scan.
 */
import type { HeadLimits } from "./contract.ts";
import { COLON, CR, LF, notToken, notValue } from "./octets.ts";

const STATES = 32;
const MOST_FIELDS = 65_536;

/** The states of the header section, the same for all heads; lower ones are of the first line. */
export const FIELDS_STATE = 25;
const NAME_STATE = 26;
const VALUE_STATE = 27;
const VALUE_LF_STATE = 28;
const END_LF_STATE = 29;
const DECIDED = 31;

/** From a state, on the octets `accepts` says yes to, to another. Later ones win. */
export type Transition = readonly [from: number, accepts: (octet: number) => boolean, to: number];

/** Accepts one octet, given as a number or as a character. */
export function is(wanted: number | string): (octet: number) => boolean {
  const code = typeof wanted === "string" ? wanted.charCodeAt(0) : wanted;
  return (octet) => octet === code;
}

/** Accepts what a class table calls going on. */
export function isIn(table: Uint8Array): (octet: number) => boolean {
  return (octet) => table[octet] === 0;
}

const fieldTransitions: readonly Transition[] = [
  [FIELDS_STATE, isIn(notToken), NAME_STATE],
  [FIELDS_STATE, is(CR), END_LF_STATE],
  [NAME_STATE, isIn(notToken), NAME_STATE],
  [NAME_STATE, is(COLON), VALUE_STATE],
  [VALUE_STATE, isIn(notValue), VALUE_STATE],
  [VALUE_STATE, is(CR), VALUE_LF_STATE],
  [VALUE_LF_STATE, is(LF), FIELDS_STATE],
];

/** Follows the heads of one kind; stateless, so one serves all. */
export class HeadProgress {
  /** Next states: `state * 256 + octet`. */
  readonly #table: Uint8Array;

  /** `line` describes the first line, from state 0 to FIELDS_STATE. */
  constructor(line: readonly Transition[]) {
    this.#table = new Uint8Array(STATES * 256).fill(DECIDED);
    for (const [from, accepts, to] of [...line, ...fieldTransitions]) {
      for (let octet = 0; octet < 256; octet++) {
        if (accepts(octet)) this.#table[from * 256 + octet] = to;
      }
    }
  }

  /** Follows bytes[start, end) from where `resume` stood (0 for the beginning) and returns the new
   * `resume`; 0 where a full scan may now decide. */
  follow(bytes: Buffer, start: number, end: number, resume: number, limits: HeadLimits): number {
    const table = this.#table;
    let state = resume % STATES;
    let fields = Math.floor(resume / STATES) % MOST_FIELDS;
    const followed = Math.floor(resume / STATES / MOST_FIELDS);
    for (let at = start + followed; at < end; at++) {
      const next = table[state * 256 + bytes[at]!]!;
      if (next === DECIDED) return 0;
      if (next === NAME_STATE && state === FIELDS_STATE) fields++;
      state = next;
    }
    if (fields > limits.headerCount || fields >= MOST_FIELDS) return 0;
    const fieldsStart = state < FIELDS_STATE ? 0 : endOfFirstLine(bytes, start);
    if (isFull(bytes, start, end, fieldsStart, limits)) return 0;
    return ((end - start) * MOST_FIELDS + fields) * STATES + state;
  }
}

/** An empty line may stand before the first. */
function startOfFirstLine(bytes: Buffer, start: number): number {
  return bytes[start] === CR ? start + 2 : start;
}

/** The first LF ends the line: no octet before may be one. */
function endOfFirstLine(bytes: Buffer, start: number): number {
  return bytes.indexOf(LF, startOfFirstLine(bytes, start)) + 1;
}

/** Whether the first line or, behind it, the header section has no room left. */
function isFull(
  bytes: Buffer,
  start: number,
  end: number,
  fieldsStart: number,
  limits: HeadLimits,
): boolean {
  const lineLimit = startOfFirstLine(bytes, start) + limits.lineBytes + 2;
  if (fieldsStart === 0) return end >= lineLimit;
  return fieldsStart > lineLimit || end >= fieldsStart + limits.headerBytes;
}
