/**
 * Passes one answer on to the client: writes its head anew, its body as it comes, and holds the
 * origin back while the client does not keep up.
 */
import type { ClientConnection } from "../client/client-connection.ts";
import { copyFields, copyHead, dropMask, type FieldFilter, hasPlainLength } from "./copy-fields.ts";
import { fieldId, type ResponseHead } from "../http1/contract.ts";
import type { OriginConnection } from "../upstream/origin-connection.ts";
import type { ForwardPlan } from "./plan-forward.ts";
import type { ProxyContext } from "../proxy-context.ts";
import type { Outgoing } from "../wire/outgoing.ts";

/** Up to here a piece is copied to be written together with the head. */
const SMALL_PIECE_BYTES = 8 * 1024;

const responseMask = dropMask();
/** Keeps the length as it came; also of answers that tell one without having a body. */
const keptLengthMask = dropMask();
keptLengthMask[fieldId.contentLength] = 0;

/** "HTTP/1.1 200" */
const STATUS_LINE_BYTES = 12;
const SPACE = 0x20;

/** A space stands behind the status, which a strict client wants to see. */
function hasPhrase({ bytes, start }: ResponseHead): boolean {
  return bytes[start + STATUS_LINE_BYTES] === SPACE;
}

const UPGRADE_REQUIRED = 426;

/** What the origin wants to be asked for, without which a 426 says nothing (RFC 9110 section
 * 15.5.22). HTTP/1.0 can't upgrade. */
function upgradeLines(head: ResponseHead, plan: ForwardPlan): string {
  const protocols = plan.oldClient ? "" : (head.header("upgrade") ?? "");
  return protocols === "" ? "" : `Connection: upgrade\r\nUpgrade: ${protocols}\r\n`;
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
  readonly #context: ProxyContext;
  /** A head, or the end of a chunk, that waits for the bytes behind it. */
  #out: Outgoing | undefined;
  #rechunk = false;

  constructor(client: ClientConnection, context: ProxyContext) {
    this.#client = client;
    this.#context = context;
    this.#out = context.answerOutgoings.take();
  }

  /** Nothing more is written; what was not flushed is dropped. */
  drop(): void {
    if (this.#out === undefined) return;
    this.#context.answerOutgoings.give(this.#out);
    // Others write into it from here on: better no answer than one mixed with theirs.
    this.#out = undefined;
  }

  /** An interim answer, written at once. */
  interim(head: ResponseHead, filter: FieldFilter | undefined): void {
    const out = this.#out!;
    out.text(statusLine(head));
    copyFields(out, head, responseMask, filter);
    out.endLine();
    this.flush();
  }

  /** The final head; written with the first bytes of the body or at `flush`. `lines` are added. */
  head(
    connection: OriginConnection,
    head: ResponseHead,
    plan: ForwardPlan,
    keepAlive: boolean,
    lines: string,
  ): void {
    const out = this.#out!;
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
    if (head.minorVersion === 1 && hasPhrase(head)) copyHead(out, head, mask, responseFilter);
    else {
      out.text(statusLine(head));
      copyFields(out, head, mask, responseFilter);
    }
    if (head.find(fieldId.date) < 0) out.text(`Date: ${this.#context.date()}\r\n`);
    if (withLength && !lengthKept) out.text(`Content-Length: ${head.contentLength}\r\n`);
    else if (!bodiless && !withLength) this.#stream(connection, head, plan);
    if (head.status === UPGRADE_REQUIRED) out.text(upgradeLines(head, plan));
    if (!this.keepAlive) out.text("Connection: close\r\n");
    else if (plan.oldClient) out.text("Connection: keep-alive\r\n");
    out.text(lines);
    out.endLine();
  }

  /** The answer to an upgrade, written at once. */
  switched(head: ResponseHead, plan: ForwardPlan, protocol: string): void {
    const out = this.#out!;
    this.status = 101;
    out.text(statusLine(head));
    copyFields(out, head, responseMask, plan.changes.responseFilter);
    out.text(`Connection: upgrade\r\nUpgrade: ${protocol}\r\n${plan.responseLines}`);
    out.endLine();
    this.flush();
  }

  /** A body without a length: chunks where the client knows them, else up to the close. */
  #stream(connection: OriginConnection, head: ResponseHead, plan: ForwardPlan): void {
    if (plan.oldClient) {
      this.keepAlive = false;
      if (head.framing === "chunked") connection.wantPayloadOnly();
      return;
    }
    this.#rechunk = head.framing === "until_close";
    this.#out!.text("Transfer-Encoding: chunked\r\n");
  }

  /** The next piece of the body, a view of the connection's buffer. */
  body(connection: OriginConnection, bytes: Buffer, from: number, to: number): void {
    const length = to - from;
    const out = this.#out!;
    this.bytesSent += length;
    if (this.isKeptBack) return out.copy(bytes, from, to);
    const { socket } = this.#client;
    if (this.#rechunk) out.text(`${length.toString(16)}\r\n`);
    let flowing: boolean;
    // What others read into next can't wait here for the client.
    if (length <= SMALL_PIECE_BYTES || bytes === this.#context.originBuffer) {
      out.copy(bytes, from, to);
      if (this.#rechunk) out.endLine();
      flowing = this.#writeOut();
    } else {
      socket.cork();
      if (out.length > 0) this.#writeOut();
      flowing = socket.write(bytes.subarray(from, to));
      if (this.#rechunk) flowing = socket.write("\r\n", "latin1");
      socket.uncork();
      if (socket.writableLength > 0) connection.keepBuffer();
      else flowing = true;
    }
    if (flowing || !socket.writableNeedDrain) return;
    connection.pause();
    this.#client.awaitDrain();
  }

  /** Writes what waited for more. */
  flush(): void {
    if (this.#out === undefined || this.#out.length === 0) return;
    if (!this.isKeptBack) this.#writeOut();
  }

  /** The body is complete. */
  end(): void {
    this.isKeptBack = false;
    const out = this.#out!;
    if (this.#rechunk) out.text("0\r\n\r\n");
    if (out.length === 0) return;
    this.#client.send(out);
    this.#out = undefined;
  }

  #writeOut(): boolean {
    const out = this.#out!;
    const flowing = out.writeTo(this.#client.socket, this.#context.direct);
    out.clear();
    return flowing;
  }
}
