/** Small seams between the exchange and what surrounds it. */

/** Everything an access log may say about one finished request. One object is reused for all. */
export interface AccessEntry {
  /** Wall clock at the request's head, milliseconds since the epoch. */
  startedAtMs: number;
  durationUs: number;
  /** To the answer's head; 0 where none came. */
  firstByteUs: number;
  requestId: string;
  listener: string;
  route: string;
  upstream: string;
  endpoint: string;
  attempts: number;
  clientAddress: string;
  method: string;
  host: string;
  target: string;
  minorVersion: number;
  status: number;
  /** Body bytes. */
  bytesReceived: number;
  bytesSent: number;
  referer: string;
  userAgent: string;
  /** A reason's code; empty for none. */
  reason: string;
  /** The trace id of an incoming W3C traceparent, else the request id. */
  traceId: string;
}

export interface AccessLog {
  /** Formats at once (the entry is reused), writes in batches. */
  write(entry: AccessEntry): void;
  /** Closes and opens the file again, after rotation by somebody else. */
  reopen(): void;
  /** Writes what is left. */
  close(): Promise<void>;
}
