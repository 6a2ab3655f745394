/**
 * What must hold for every message, however odd: the codec never throws, its verdict never depends
 * on how the message was cut, what it accepts and writes again means the same to itself, and Node's
 * own parser reads it alike.
 */
import assert from "node:assert/strict";

import {
  FIELD_COLUMNS,
  FIELD_NAME_END,
  FIELD_NAME_START,
  FIELD_VALUE_END,
  FIELD_VALUE_START,
  fieldId,
  type RequestParser,
  type ResponseParser,
} from "../../packages/evenkeel/src/proxy/http1/contract.ts";
import { latin1 } from "../../packages/evenkeel/src/proxy/http1/latin1.ts";
import { createRequestParser } from "../../packages/evenkeel/src/proxy/http1/request-parser.ts";
import { createResponseParser } from "../../packages/evenkeel/src/proxy/http1/response-parser.ts";
import {
  corpusLimits,
  type Cuts,
  type Outcome,
  readRequest,
  readResponse,
} from "../corpus/read-message.ts";
import type { SeededRandom } from "./mutation.ts";
import { nodeMethods, type NodeReading, readWithNode } from "./node-parser.ts";

export type MessageKind = "request" | "response" | "answer to HEAD";

/** Checks messages and tells what was new about them. One is used for a whole run. */
export class InvariantChecker {
  readonly #requests = createRequestParser();
  readonly #responses = createResponseParser();
  /** Messages that were accepted and compared with Node's reading. */
  compared = 0;
  accepted = 0;

  /** Throws where an invariant is broken. Returns the message's features: hashes of the states it
   * led the codec through and of its verdict. */
  check(kind: MessageKind, bytes: Buffer, random: SeededRandom): readonly number[] {
    const atOnce = this.#read(kind, bytes, [bytes.length]);
    const features = this.#walk(kind, bytes, atOnce);
    const cuts = [random.below(bytes.length), random.below(bytes.length), bytes.length]
      .filter((cut) => cut > 0)
      .sort((one, other) => one - other);
    this.#expectSame(atOnce, this.#read(kind, bytes, cuts), `cuts ${cuts.join()}`);
    const isAccepted = !atOnce.verdict.startsWith("refused") && atOnce.verdict !== "incomplete";
    if (isAccepted) this.#checkAccepted(kind, bytes, atOnce);
    return features;
  }

  #parser(kind: MessageKind): RequestParser | ResponseParser {
    return kind === "request" ? this.#requests : this.#responses;
  }

  #read(kind: MessageKind, bytes: Buffer, cuts: Cuts): Outcome {
    return kind === "request"
      ? readRequest(this.#requests, bytes, cuts)
      : readResponse(this.#responses, bytes, cuts, kind === "answer to HEAD");
  }

  #expectSame(atOnce: Outcome, cut: Outcome, how: string): void {
    assert.equal(cut.verdict, atOnce.verdict, how);
    if (!atOnce.verdict.startsWith("refused")) assert.equal(cut.forwarded, atOnce.forwarded, how);
  }

  /** Octet by octet: the same verdict, decided where it must be. The states on the way are the
   * features. */
  #walk(kind: MessageKind, bytes: Buffer, atOnce: Outcome): number[] {
    const everyOctet = Array.from({ length: bytes.length }, (_, index) => index + 1);
    const walked = this.#read(kind, bytes, everyOctet);
    this.#expectSame(atOnce, walked, "octet by octet");
    const { decidedAt } = walked;
    const shape = verdictShape(atOnce.verdict);
    const features = [hash(shape), hash(`${shape}${decidedAt >> 5}`)];
    for (let at = Math.max(0, decidedAt - 3); at < decidedAt; at++) {
      features.push(hash(`${shape}${at - decidedAt}${octetClass(bytes[at]!)}`));
    }
    if (atOnce.verdict.startsWith("refused")) {
      const enough = this.#read(kind, bytes.subarray(0, decidedAt), [decidedAt]);
      assert.equal(enough.verdict, atOnce.verdict, "the octets behind the deciding one matter");
    }
    return features;
  }

  #checkAccepted(kind: MessageKind, bytes: Buffer, outcome: Outcome): void {
    this.accepted++;
    const parser = this.#parser(kind);
    const length =
      kind === "request"
        ? this.#requests.parse(bytes, 0, bytes.length, 0, corpusLimits)
        : this.#responses.parse(bytes, 0, bytes.length, 0, corpusLimits, kind === "answer to HEAD");
    const head = parser.text;
    const fields = fieldsOf(parser);
    const raw = Buffer.from(head + outcome.forwarded, "latin1");
    assert.ok(bytes.toString("latin1", 0, length).endsWith(head), "the text is the head");

    const written = Buffer.from(writeAgain(kind, parser) + outcome.forwarded, "latin1");
    const isUpgrade = parser.upgradeField >= 0;
    const { framing } = parser;
    const facts = factsOf(kind, parser);
    this.#compareWithNode(kind, raw, { fields, body: bodyOf(framing, outcome), isUpgrade }, parser);

    const again = this.#read(kind, written, [written.length]);
    assert.equal(again.forwarded, outcome.forwarded, "written again, the body differs");
    if (kind === "request") this.#requests.parse(written, 0, written.length, 0, corpusLimits);
    else {
      const wasHead = kind === "answer to HEAD";
      this.#responses.parse(written, 0, written.length, 0, corpusLimits, wasHead);
    }
    assert.deepEqual(factsOf(kind, parser), facts, "written again, the head differs");
  }

  #compareWithNode(
    kind: MessageKind,
    raw: Buffer,
    ours: { fields: readonly string[]; body: string | undefined; isUpgrade: boolean },
    parser: RequestParser | ResponseParser,
  ): void {
    if (kind === "request" && !nodeMethods.has(this.#requests.method)) return;
    // As a server Node can't be told to skip nothing, as a client it must be told of HEAD.
    const isBodiless = kind === "answer to HEAD";
    const untilClose = parser.framing === "until_close";
    const reading = readWithNode(
      kind === "request" ? "request" : "response",
      raw,
      isBodiless,
      untilClose,
    );
    if (isKnownDifference(parser, reading, ours.isUpgrade)) return;
    this.compared++;
    assert.equal(reading.error, "", `Node refuses what was accepted: ${reading.error}`);
    assert.deepEqual(reading.fields, ours.fields, "Node reads other fields");
    if (kind === "request") {
      assert.equal(reading.method, this.#requests.method);
      assert.equal(reading.target, rawTarget(parser.text));
    } else assert.equal(reading.status, this.#responses.status);
    if (ours.isUpgrade) return;
    assert.equal(reading.complete, true, "Node waits for more");
    if (ours.body !== undefined) assert.equal(reading.body, ours.body, "Node reads another body");
  }
}

/**
 * Where Node is known to differ, each for a reason:
 * - An upgrade ends its reading of HTTP at the head, so "complete" and the body mean nothing there;
 *   it sees one even where the fields are repeated or the version is 1.0.
 */
function isKnownDifference(
  parser: RequestParser | ResponseParser,
  reading: NodeReading,
  isUpgrade: boolean,
): boolean {
  return reading.error === "" && !isUpgrade && parser.find(fieldId.upgrade) >= 0;
}

function rawTarget(head: string): string {
  const start = head.indexOf(" ") + 1;
  return head.slice(start, head.indexOf(" ", start));
}

/** The decoded body; undefined where only the chunked form is known. */
function bodyOf(framing: string, outcome: Outcome): string | undefined {
  if (framing !== "chunked") return outcome.forwarded;
  const body = / body=("(?:[^"\\]|\\.)*")/.exec(outcome.verdict)?.[1];
  return body === undefined ? undefined : (JSON.parse(body) as string);
}

function fieldsOf(parser: RequestParser | ResponseParser): string[] {
  const { fields, bytes } = parser;
  const found: string[] = [];
  for (let row = 0; row < parser.fieldCount; row++) {
    const at = row * FIELD_COLUMNS;
    found.push(
      latin1(bytes, fields[at + FIELD_NAME_START]!, fields[at + FIELD_NAME_END]!),
      latin1(bytes, fields[at + FIELD_VALUE_START]!, fields[at + FIELD_VALUE_END]!),
    );
  }
  return found;
}

/** The head as a proxy writes it from what the parser says: nothing is copied as it came. */
function writeAgain(kind: MessageKind, parser: RequestParser | ResponseParser): string {
  const lines = [firstLine(kind, parser)];
  const fields = fieldsOf(parser);
  for (let i = 0; i < fields.length; i += 2) {
    const isHost = kind === "request" && fields[i]!.toLowerCase() === "host";
    lines.push(`${fields[i]}: ${isHost ? (parser as RequestParser).authority : fields[i + 1]}`);
  }
  return `${lines.join("\r\n")}\r\n\r\n`;
}

function firstLine(kind: MessageKind, parser: RequestParser | ResponseParser): string {
  const version = `HTTP/1.${parser.minorVersion}`;
  if (kind === "request") {
    const { method, target } = parser as RequestParser;
    return `${method} ${target} ${version}`;
  }
  const { status, phrase } = parser as ResponseParser;
  return `${version} ${status} ${phrase}`;
}

/** Everything a caller may rely on. The authority and host of an HTTP/1.0 request in absolute form
 * are left out: written in origin form it has no place for them. */
function factsOf(kind: MessageKind, parser: RequestParser | ResponseParser): unknown {
  const { framing, contentLength, keepAlive, upgradeField, minorVersion } = parser;
  const common = { framing, contentLength, keepAlive, upgradeField, minorVersion };
  if (kind !== "request") {
    const { status, phrase } = parser as ResponseParser;
    return { ...common, status, phrase, fields: fieldsOf(parser) };
  }
  const { method, target, host, authority, expectsContinue } = parser as RequestParser;
  const hasHost = parser.find(fieldId.host) >= 0;
  const names = fieldsOf(parser).filter((_, index) => index % 2 === 0);
  return { ...common, method, target, expectsContinue, names, ...(hasHost && { host, authority }) };
}

/** The verdict without what is the message's own: names, numbers and bodies. */
function verdictShape(verdict: string): string {
  return verdict
    .replace(/^(?!refused|incomplete|\d)\S+ \S+ \S+/, "")
    .replaceAll(/"(?:[^"\\]|\\.)*"|:\d+/g, "");
}

/** Octets that the grammar treats alike. */
function octetClass(octet: number): string {
  if (octet < 0x20 || octet === 0x7f) return `c${octet}`;
  if (octet >= 0x80) return "obs";
  const character = String.fromCharCode(octet);
  if (/[0-9]/.test(character)) return "digit";
  return /[a-z]/i.test(character) ? "letter" : character;
}

/** FNV-1a over the characters. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  }
  return value >>> 0;
}
