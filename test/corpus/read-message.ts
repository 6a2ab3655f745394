/**
 * Feeds one message to the codec, cut into reads in any way, and puts the outcome into words, so
 * that outcomes can be compared whatever the cuts.
 */
import { createChunkScanner } from "../../packages/evenkeel/src/proxy/http1/chunk-scanner.ts";
import {
  type ChunkScanner,
  type HeadLimits,
  NEED_MORE,
  REFUSED,
  type RequestParser,
  type ResponseParser,
} from "../../packages/evenkeel/src/proxy/http1/contract.ts";

/** The limits that the corpus is written for: small, so that every cut of a case can be tried. */
export const corpusLimits: HeadLimits = { lineBytes: 1024, headerBytes: 4096, headerCount: 50 };

/** What became of a message. */
export interface Outcome {
  /** The verdict in words, as the corpus has it. */
  readonly verdict: string;
  /** Bytes that had to be there before it was decided; all of them where it never was. */
  readonly decidedAt: number;
  /** The body as it is passed on; for chunked ones the canonical form. */
  readonly forwarded: string;
}

/** Ends of the reads a message arrives in, ascending; the last is its length. */
export type Cuts = readonly number[];

export function readRequest(parser: RequestParser, bytes: Buffer, cuts: Cuts): Outcome {
  const parse = (end: number, resume: number): number =>
    parser.parse(bytes, 0, end, resume, corpusLimits);
  return readMessage(parser, parse, bytes, cuts, () => requestFacts(parser));
}

export function readResponse(
  parser: ResponseParser,
  bytes: Buffer,
  cuts: Cuts,
  requestWasHead: boolean,
): Outcome {
  const parse = (end: number, resume: number): number =>
    parser.parse(bytes, 0, end, resume, corpusLimits, requestWasHead);
  return readMessage(parser, parse, bytes, cuts, () => responseFacts(parser));
}

function requestFacts(head: RequestParser): string {
  const host = head.host === head.authority ? head.host : `${head.host}(${head.authority})`;
  const line = `${head.method} ${head.target} ${host || "-"}`;
  const flags = [head.expectsContinue ? " continue" : "", headFlags(head)].join("");
  return `${line} ${framing(head)}${flags}`;
}

function responseFacts(head: ResponseParser): string {
  return `${head.status} ${framing(head)}${headFlags(head)}`;
}

function framing(head: RequestParser | ResponseParser): string {
  return head.framing === "length" ? `length:${head.contentLength}` : head.framing;
}

function headFlags(head: RequestParser | ResponseParser): string {
  const persistence = head.keepAlive ? " keep" : " close";
  return head.upgradeField < 0 ? persistence : `${persistence} upgrade`;
}

function readMessage(
  parser: RequestParser | ResponseParser,
  parse: (end: number, resume: number) => number,
  bytes: Buffer,
  cuts: Cuts,
  facts: () => string,
): Outcome {
  let resume = 0;
  for (const [index, end] of cuts.entries()) {
    const length = parse(end, resume);
    if (length === NEED_MORE) {
      resume = parser.resume;
      continue;
    }
    if (length === REFUSED) {
      return { verdict: `refused ${parser.refusal?.code}`, decidedAt: end, forwarded: "" };
    }
    return readBody(parser, bytes, length, cuts.slice(index), facts());
  }
  return { verdict: "incomplete", decidedAt: bytes.length, forwarded: "" };
}

function readBody(
  parser: RequestParser | ResponseParser,
  bytes: Buffer,
  start: number,
  cuts: Cuts,
  facts: string,
): Outcome {
  switch (parser.framing) {
    case "chunked":
      return readChunked(bytes, start, cuts, facts);
    case "until_close":
      return plainBody(bytes, start, bytes.length, facts);
    case "length": {
      const end = start + parser.contentLength;
      if (end > bytes.length) {
        return { verdict: "incomplete", decidedAt: bytes.length, forwarded: "" };
      }
      return plainBody(bytes, start, end, facts);
    }
    case "none":
      return plainBody(bytes, start, start, facts);
    default:
      return parser.framing satisfies never;
  }
}

function plainBody(bytes: Buffer, start: number, end: number, facts: string): Outcome {
  const forwarded = bytes.toString("latin1", start, end);
  const body = forwarded === "" ? "" : ` body=${show(forwarded)}`;
  return { verdict: facts + body + restOf(bytes, end), decidedAt: end, forwarded };
}

function readChunked(bytes: Buffer, start: number, cuts: Cuts, facts: string): Outcome {
  const passing = createChunkScanner();
  const decoding = createChunkScanner();
  let forwarded = "";
  let payload = "";
  let from = start;
  for (const end of cuts) {
    const stop = passing.scan(bytes, from, end, false);
    forwarded += spansOf(passing, bytes);
    decoding.scan(bytes, from, end, true);
    payload += spansOf(decoding, bytes);
    requireAgreement(passing, decoding);
    if (passing.refusal !== undefined) {
      return { verdict: `refused ${passing.refusal.code}`, decidedAt: stop, forwarded };
    }
    if (passing.done) {
      const tail = passing.tail === "" ? "" : ` tail=${show(passing.tail)}`;
      const verdict = `${facts} body=${show(payload)}${tail}${restOf(bytes, stop)}`;
      return { verdict, decidedAt: stop, forwarded: forwarded + passing.tail };
    }
    from = stop;
  }
  return { verdict: "incomplete", decidedAt: bytes.length, forwarded };
}

/** Decoding and passing on are two ways to read the same body. */
function requireAgreement(passing: ChunkScanner, decoding: ChunkScanner): void {
  const agree =
    passing.done === decoding.done &&
    passing.refusal === decoding.refusal &&
    passing.payloadBytes === decoding.payloadBytes;
  if (!agree) throw new Error("decoding a chunked body differs from passing it on");
}

function spansOf(scanner: ChunkScanner, bytes: Buffer): string {
  let text = "";
  for (let i = 0; i < scanner.spanCount; i++) {
    text += bytes.toString("latin1", scanner.spans[2 * i], scanner.spans[2 * i + 1]);
  }
  return text;
}

function restOf(bytes: Buffer, from: number): string {
  return from < bytes.length ? ` rest=${show(bytes.toString("latin1", from))}` : "";
}

/** As JSON, with everything beyond printable ASCII escaped. */
function show(text: string): string {
  return JSON.stringify(text).replace(
    /[\x7f-\xff]/g,
    (character) => `\\u00${character.charCodeAt(0).toString(16)}`,
  );
}
