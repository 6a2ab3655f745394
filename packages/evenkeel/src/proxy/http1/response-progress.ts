/** The status line as states, for heads that arrive in pieces. */
import { FIELDS_STATE, HeadProgress, is, isIn, type Transition } from "./head-progress.ts";
import { CR, LF, notValue, SP } from "./octets.ts";

/** Ten states from 0: "HTTP/1.x", the space, and the status's first digit. */
const FIRST_DIGIT = 9;
const SECOND_DIGIT = 10;
const THIRD_DIGIT = 11;
const STATUS_END = 12;
const PHRASE = 13;
const LINE_LF = 14;

const isDigit = (octet: number): boolean => octet >= 0x30 && octet <= 0x39;

const version: readonly Transition[] = "HTTP/1.1 "
  .split("")
  .map((character, index) => [
    index,
    index === 7 ? (octet) => octet === 0x30 || octet === 0x31 : is(character),
    index + 1,
  ]);

/** The status line's phrase may be missing, and its space with it. */
export const responseProgress = new HeadProgress([
  ...version,
  [FIRST_DIGIT, (octet) => octet >= 0x31 && octet <= 0x35, SECOND_DIGIT],
  [SECOND_DIGIT, isDigit, THIRD_DIGIT],
  [THIRD_DIGIT, isDigit, STATUS_END],
  [STATUS_END, is(SP), PHRASE],
  [STATUS_END, is(CR), LINE_LF],
  [PHRASE, isIn(notValue), PHRASE],
  [PHRASE, is(CR), LINE_LF],
  [LINE_LF, is(LF), FIELDS_STATE],
]);
