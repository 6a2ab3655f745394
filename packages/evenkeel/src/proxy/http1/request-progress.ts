/** The request line as states, for heads that arrive in pieces. */
import { FIELDS_STATE, HeadProgress, is, isIn, type Transition } from "./head-progress.ts";
import { CR, hexValue, LF, notTarget, notToken, PERCENT, SP } from "./octets.ts";

const START = 0;
const EMPTY_LINE_LF = 1;
const METHOD_START = 2;
const METHOD = 3;
const TARGET_START = 4;
const TARGET = 5;
const ESCAPE = 6;
const ESCAPE_LOW = 7;
const ESCAPE_LOW_NOT_ZERO = 8;
/** Eight of them: one per octet of the version. */
const VERSION = 9;
const LINE_CR = 17;
const LINE_LF = 18;

const isHex = (octet: number): boolean => hexValue[octet]! < 16;

const version: readonly Transition[] = "HTTP/1.1"
  .split("")
  .map((character, index) => [
    VERSION + index,
    index === 7 ? (octet) => octet === 0x30 || octet === 0x31 : is(character),
    VERSION + index + 1,
  ]);

/** Other versions than 1.0 and 1.1 are left to the scan, a few octets before it can decide. */
export const requestProgress = new HeadProgress([
  [START, isIn(notToken), METHOD],
  [START, is(CR), EMPTY_LINE_LF],
  [EMPTY_LINE_LF, is(LF), METHOD_START],
  [METHOD_START, isIn(notToken), METHOD],
  [METHOD, isIn(notToken), METHOD],
  [METHOD, is(SP), TARGET_START],
  [TARGET_START, isIn(notTarget), TARGET],
  [TARGET_START, is(PERCENT), ESCAPE],
  [TARGET, isIn(notTarget), TARGET],
  [TARGET, is(PERCENT), ESCAPE],
  [TARGET, is(SP), VERSION],
  [ESCAPE, isHex, ESCAPE_LOW],
  [ESCAPE, is("0"), ESCAPE_LOW_NOT_ZERO],
  [ESCAPE_LOW, isHex, TARGET],
  [ESCAPE_LOW_NOT_ZERO, (octet) => isHex(octet) && octet !== 0x30, TARGET],
  ...version,
  [LINE_CR, is(CR), LINE_LF],
  [LINE_LF, is(LF), FIELDS_STATE],
]);
