/**
 * Answers that last: a download in pieces, and the handshake of a WebSocket.
 */
import { createHash } from "node:crypto";
import type { ServerResponse } from "node:http";

/** A download's pieces have this size. */
export const pieceBytes = 4_096;
/** Time between two pieces. */
export const pieceEveryMs = 100;

const WEBSOCKET_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** The path of a download of so many pieces. */
export function downloadPath(pieces: number): string {
  return `/download/${pieces}`;
}

/** Answers a download: its length is announced, the bytes come one piece at a time. */
export function writeDownload(path: string, response: ServerResponse): void {
  let left = Number(path.slice("/download/".length));
  response.setHeader("content-length", left * pieceBytes);
  const timer = setInterval(() => {
    left--;
    response.write(Buffer.alloc(pieceBytes, 120));
    if (left > 0) return;
    clearInterval(timer);
    response.end();
  }, pieceEveryMs);
  response.once("close", () => clearInterval(timer));
}

/** `Sec-WebSocket-Accept` for a key (RFC 6455, section 4.2.2). */
export function acceptKey(key: string): string {
  return createHash("sha1")
    .update(key + WEBSOCKET_GUID)
    .digest("base64");
}
