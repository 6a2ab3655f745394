/**
 * The part of a head that requests and responses share: the header section, scanned strictly, one
 * octet at a time, with positions noted instead of objects and strings made.
 *
 * The scan sees a head from its first octet each time it is called, and decides only by octets in
 * their order. So its verdict can't depend on how reads were split; `HeadProgress` spares it the
 * calls that can't decide anything yet.
 */
import { type Reason, type ReasonCode, reason } from "../../errors/catalogue.ts";
import { equalsIgnoringCase } from "./ascii.ts";
import {
  FIELD_COLUMNS,
  FIELD_ID,
  FIELD_NAME_END,
  FIELD_NAME_START,
  FIELD_VALUE_END,
  FIELD_VALUE_START,
  type Framing,
  NEED_MORE,
  REFUSED,
} from "./contract.ts";
import { identifyField, recognizeField } from "./field-names.ts";
import { latin1 } from "./latin1.ts";
import { COLON, CR, HTAB, LF, notToken, notValue, SP } from "./octets.ts";
import { WordView } from "../word-view.ts";
import { findColon, skipValue } from "./words.ts";

// Compiled code reaches a constant of its own module for nothing, but loads an imported one anew
// each time: for every octet, that is.
const nameTable = notToken;
const valueTable = notValue;
const cr = CR;
const lf = LF;
const space = SP;
const colon = COLON;
const columns = FIELD_COLUMNS;
const nameStartColumn = FIELD_NAME_START;
const nameEndColumn = FIELD_NAME_END;
const valueStartColumn = FIELD_VALUE_START;
const valueEndColumn = FIELD_VALUE_END;
const idColumn = FIELD_ID;

/** Rows for this many fields are there from the start. */
const INITIAL_FIELDS = 128;

/** Before the first head. */
const noBytes = Buffer.alloc(0);

/** Fields and results that both parsers have. */
export class HeadScan {
  bytes: Buffer = noBytes;
  start = 0;
  end = 0;
  fieldCount = 0;
  fields = new Int32Array(INITIAL_FIELDS * FIELD_COLUMNS);
  minorVersion = 1;
  framing: Framing = "none";
  contentLength = 0;
  keepAlive = false;
  upgradeField = -1;
  refusal: Reason | undefined = undefined;
  resume = 0;
  /** A bit per known name that occurred, and per one that occurred again. */
  seen = 0;
  repeated = 0;
  protected readonly words = new WordView();

  /**
   * Scans fields from `from` to behind the empty line and returns that position; NEED_MORE where
   * the bytes end before, REFUSED with a refusal. `view` is of `bytes`.
   */
  scanFields(bytes: Buffer, view: DataView, from: number, end: number, maxCount: number): number {
    if (this.fields.length < maxCount * FIELD_COLUMNS) {
      this.fields = new Int32Array(maxCount * FIELD_COLUMNS);
    }
    const fields = this.fields;
    let position = from;
    let count = 0;
    let seen = 0;
    let repeated = 0;
    while (position < end) {
      const nameStart = position;
      if (bytes[position] === cr) {
        this.fieldCount = count;
        this.seen = seen;
        this.repeated = repeated;
        return this.endOfLine(bytes, position, end);
      }
      if (count === maxCount) return this.refuse("too_many_headers");
      let nameEnd = findColon(view, position, end);
      let id = nameEnd < end ? recognizeField(view, nameStart, nameEnd) : 0;
      if (id === 0) {
        // Another name, or none: now every octet has to be looked at.
        while (position < end && nameTable[bytes[position]!] === 0) position++;
        nameEnd = position;
        if (position === end) return NEED_MORE;
        if (bytes[position] !== colon || nameEnd === nameStart)
          return this.#refuseName(bytes, nameEnd);
        id = identifyField(bytes, nameStart, nameEnd);
      }
      position = nameEnd + 1;

      // Nearly all values have one space before them and none behind.
      if (position < end && bytes[position] === space) position++;
      let valueStart = position;
      position = skipValue(view, position, end);
      while (position < end && valueTable[bytes[position]!] === 0) position++;
      let valueEnd = position;
      if (position + 1 >= end || bytes[position] !== cr || bytes[position + 1] !== lf) {
        return position === end ? NEED_MORE : this.endOfLine(bytes, position, end);
      }
      position += 2;
      if (bytes[valueStart]! <= space || bytes[valueEnd - 1]! <= space) {
        valueEnd = trimRight(bytes, valueStart, valueEnd);
        valueStart = trimLeft(bytes, valueStart, valueEnd);
      }

      const bit = 1 << id;
      repeated |= seen & bit;
      seen |= bit;
      const row = count++ * columns;
      fields[row + nameStartColumn] = nameStart;
      fields[row + nameEndColumn] = nameEnd;
      fields[row + valueStartColumn] = valueStart;
      fields[row + valueEndColumn] = valueEnd;
      fields[row + idColumn] = id;
    }
    return NEED_MORE;
  }

  /** At the first octet that did not belong to the line: it must start CR LF. Returns the position
   * behind them, NEED_MORE or REFUSED. */
  endOfLine(bytes: Buffer, position: number, end: number): number {
    const octet = bytes[position]!;
    if (octet !== CR) return this.refuse(octet === LF ? "bad_line_ending" : "bad_header");
    if (position + 1 >= end) return NEED_MORE;
    if (bytes[position + 1]! !== LF) return this.refuse("bad_line_ending");
    return position + 2;
  }

  refuse(code: ReasonCode): number {
    this.refusal = reason[code];
    return REFUSED;
  }

  #refuseName(bytes: Buffer, nameEnd: number): number {
    return this.refuse(bytes[nameEnd] === LF ? "bad_line_ending" : "bad_header");
  }

  /** The head just scanned, as it stands in `bytes`. */
  get text(): string {
    return latin1(this.bytes, this.start, this.end);
  }

  has(id: number): boolean {
    return (this.seen & (1 << id)) !== 0;
  }

  isRepeated(id: number): boolean {
    return (this.repeated & (1 << id)) !== 0;
  }

  find(id: number): number {
    if (id < 32 && (this.seen & (1 << id)) === 0) return -1;
    const { fields } = this;
    for (let row = 0; row < this.fieldCount; row++) {
      if (fields[row * FIELD_COLUMNS + FIELD_ID] === id) return row;
    }
    return -1;
  }

  header(name: string): string | undefined {
    const { fields, bytes } = this;
    let found: string | undefined;
    for (let row = 0; row < this.fieldCount; row++) {
      const at = row * FIELD_COLUMNS;
      if (!this.#isNamed(at, name)) continue;
      const value = latin1(bytes, fields[at + FIELD_VALUE_START]!, fields[at + FIELD_VALUE_END]!);
      // Cookies are put together in their own way (RFC 9113 section 8.2.3).
      found = found === undefined ? value : found + (name === "cookie" ? "; " : ", ") + value;
    }
    return found;
  }

  #isNamed(at: number, name: string): boolean {
    return equalsIgnoringCase(
      this.bytes,
      this.fields[at + FIELD_NAME_START]!,
      this.fields[at + FIELD_NAME_END]!,
      name,
    );
  }
}

function trimRight(bytes: Buffer, start: number, end: number): number {
  let at = end;
  while (at > start && isBlank(bytes[at - 1]!)) at--;
  return at;
}

function trimLeft(bytes: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && isBlank(bytes[at]!)) at++;
  return at;
}

function isBlank(octet: number): boolean {
  return octet === SP || octet === HTAB;
}
