/**
 * Reads a message with the parser inside Node (llhttp), as the other party of the differential run.
 * It is the most used HTTP/1 parser among the origins Evenkeel will stand before.
 */
import { createRequire } from "node:module";

/** What Node made of a message. */
export interface NodeReading {
  /** Its complaint, "" for none. */
  readonly error: string;
  readonly complete: boolean;
  readonly method: string;
  readonly target: string;
  readonly status: number;
  /** Names and values in turn. */
  readonly fields: readonly string[];
  readonly body: string;
}

interface NativeParser {
  initialize(type: number, resource: object, maxHeaderBytes: number, lenient: number): void;
  execute(bytes: Buffer): number | Error;
  finish(): Error | undefined;
  [callback: number]: (...values: never[]) => unknown;
}

interface NativeParserClass {
  new (): NativeParser;
  readonly REQUEST: number;
  readonly RESPONSE: number;
  readonly kOnHeaders: number;
  readonly kOnHeadersComplete: number;
  readonly kOnBody: number;
  readonly kOnMessageComplete: number;
}

// The module has no types and a leading underscore: fit for a test, not for the product.
const { HTTPParser, methods } = createRequire(import.meta.url)("_http_common") as {
  readonly HTTPParser: NativeParserClass;
  readonly methods: readonly string[];
};

/** What the parser hands over at a head's end. */
type HeadersComplete = [
  major: number,
  minor: number,
  lot: string[] | undefined,
  method: number,
  target: string | undefined,
  status: number,
];

/** The methods Node knows; it refuses all others. */
export const nodeMethods: ReadonlySet<string> = new Set(methods);

/** Lets Node read `bytes` as one message. With `untilClose` the connection ends behind them. */
export function readWithNode(
  kind: "request" | "response",
  bytes: Buffer,
  isBodiless: boolean,
  untilClose: boolean,
): NodeReading {
  const reading = { complete: false, method: "", target: "", status: 0, body: "" };
  const fields: string[] = [];
  const parser = new HTTPParser();
  const type = kind === "request" ? HTTPParser.REQUEST : HTTPParser.RESPONSE;
  parser.initialize(type, {}, 65_536, 0);
  // Fields come in several lots where there are many; the rest comes with the head's end, and what
  // comes behind that are trailers.
  let headComplete = false;
  parser[HTTPParser.kOnHeaders] = (lot: string[], target: string) => {
    if (headComplete) return;
    fields.push(...lot);
    reading.target ||= target;
  };
  parser[HTTPParser.kOnHeadersComplete] = (...head: HeadersComplete) => {
    const [, , lot, method, target, status] = head;
    fields.push(...(lot ?? []));
    reading.method = methods[method] ?? "";
    reading.target ||= target ?? "";
    reading.status = status;
    headComplete = true;
    return isBodiless ? 1 : 0;
  };
  parser[HTTPParser.kOnBody] = (part: Buffer) => {
    reading.body += part.toString("latin1");
  };
  parser[HTTPParser.kOnMessageComplete] = () => {
    reading.complete = true;
  };
  const result = parser.execute(bytes);
  const finished = untilClose && !(result instanceof Error) ? parser.finish() : undefined;
  const failure = result instanceof Error ? result : finished;
  const error = failure === undefined ? "" : `${(failure as { code?: string }).code}`;
  return { ...reading, fields, error };
}
