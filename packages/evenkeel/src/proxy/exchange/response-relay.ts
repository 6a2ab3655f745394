/**
 * Passes one answer on to the client: writes its head anew, its body as it comes, and holds the
 * origin back while the client does not keep up.
 */
import type { ClientConnection } from "../client/client-connection.ts";
import { copyFields, copyHead, dropMask, hasPlainLength } from "./copy-fields.ts";
import type { HttpDate } from "../edge/http-date.ts";
import { fieldId, type ResponseHead } from "../http1/contract.ts";
import { latin1 } from "../http1/head-scan.ts";
import type { OriginConnection } from "../upstream/origin-connection.ts";
import type { ForwardPlan } from "./plan-forward.ts";

/** Up to here a piece is written together with the head as one string. */
const SMALL_PIECE_BYTES = 8 * 1024;

const responseMask = dropMask();
/** Keeps the length as it came; also of answers that tell one without having a body. */
const keptLengthMask = dropMask();
keptLengthMask[fieldId.contentLength] = 0;

/** Behind "HTTP/1.1 200" stands a space, which a strict client wants to see. */
function hasPhrase({ text }: ResponseHead): boolean {
  return text.charCodeAt(12) === 0x20;
}

function statusLine({ status, phrase }: ResponseHead): string {
  return `HTTP/1.1 ${status} ${phrase}\r\n`;
}

/** See the file's head; one per answer. */
export class ResponseRelay {
  /** 0 until the head was given. */
  status = 0;
  /** Body bytes written, chunk framing included. */
  bytesSent = 0;
  keepAlive = false;
  /** Nothing is written before the answer is whole, so it can still be taken back. */
  isKeptBack = false;
  readonly #client: ClientConnection;
  readonly #date: HttpDate;
  /** A head, or the end of a chunk, that waits for the bytes behind it. */
  #pending = "";
  #rechunk = false;

  constructor(client: ClientConnection, date: HttpDate) {
    this.#client = client;
    this.#date = date;
  }

  /** An interim answer, written at once. */
  interim(head: ResponseHead): void {
    const fields = copyFields(head, responseMask, undefined);
    this.#client.socket.write(`${statusLine(head)}${fields}\r\n`, "latin1");
  }

  /** The final head; written with the first bytes of the body or at `flush`. `lines` are added. */
  head(
    connection: OriginConnection,
    head: ResponseHead,
    plan: ForwardPlan,
    keepAlive: boolean,
    lines: string,
  ): void {
    this.status = head.status;
    this.keepAlive = keepAlive;
    const { answerBytes } = plan.rules;
    this.isKeptBack =
      plan.repeatable && head.framing === "length" && head.contentLength <= answerBytes;
    const bodiless = head.framing === "none";
    const withLength = head.framing === "length";
    const lengthKept = withLength && hasPlainLength(head, head.find(fieldId.contentLength));
    const mask = lengthKept || (bodiless && head.status !== 204) ? keptLengthMask : responseMask;
    const { responseFilter } = plan.changes;
    let text =
      head.minorVersion === 1 && hasPhrase(head)
        ? copyHead(head, mask, responseFilter)
        : statusLine(head) + copyFields(head, mask, responseFilter);
    if (head.find(fieldId.date) < 0) text += `Date: ${this.#date()}\r\n`;
    if (withLength && !lengthKept) text += `Content-Length: ${head.contentLength}\r\n`;
    else if (!bodiless && !withLength) text += this.#streamed(connection, head, plan);
    if (!this.keepAlive) text += "Connection: close\r\n";
    else if (plan.oldClient) text += "Connection: keep-alive\r\n";
    this.#pending = `${text}${lines}\r\n`;
  }

  /** The answer to an upgrade, written at once. */
  switched(head: ResponseHead, plan: ForwardPlan, protocol: string): void {
    this.status = 101;
    const fields = copyFields(head, responseMask, plan.changes.responseFilter);
    const added = `Connection: upgrade\r\nUpgrade: ${protocol}\r\n${plan.responseLines}`;
    this.#client.socket.write(`${statusLine(head)}${fields}${added}\r\n`, "latin1");
  }

  /** A body without a length: chunks where the client knows them, else up to the close. */
  #streamed(connection: OriginConnection, head: ResponseHead, plan: ForwardPlan): string {
    if (plan.oldClient) {
      this.keepAlive = false;
      if (head.framing === "chunked") connection.wantPayloadOnly();
      return "";
    }
    this.#rechunk = head.framing === "until_close";
    return "Transfer-Encoding: chunked\r\n";
  }

  /** The next piece of the body, a view of the connection's buffer. */
  body(connection: OriginConnection, bytes: Buffer, from: number, to: number): void {
    const length = to - from;
    const { socket } = this.#client;
    this.bytesSent += length;
    if (this.isKeptBack) {
      this.#pending += latin1(bytes, from, to);
      return;
    }
    if (this.#rechunk) this.#pending += `${length.toString(16)}\r\n`;
    let flowing: boolean;
    if (length <= SMALL_PIECE_BYTES) {
      const text = this.#pending + latin1(bytes, from, to);
      flowing = socket.write(this.#rechunk ? `${text}\r\n` : text, "latin1");
    } else {
      socket.cork();
      if (this.#pending !== "") socket.write(this.#pending, "latin1");
      flowing = socket.write(bytes.subarray(from, to));
      if (this.#rechunk) flowing = socket.write("\r\n", "latin1");
      socket.uncork();
      if (socket.writableLength > 0) connection.keepBuffer();
      else flowing = true;
    }
    this.#pending = "";
    if (flowing || !socket.writableNeedDrain) return;
    connection.pause();
    this.#client.awaitDrain();
  }

  /** Writes what waited for more. */
  flush(): void {
    if (this.#pending === "" || this.isKeptBack) return;
    this.#client.socket.write(this.#pending, "latin1");
    this.#pending = "";
  }

  /** The body is complete. */
  end(): void {
    this.isKeptBack = false;
    if (this.#rechunk) this.#pending += "0\r\n\r\n";
    this.flush();
  }
}
