/** An access log's entry for tests. */
import type { AccessEntry } from "../contract.ts";
import { LineBuffer } from "../line-buffer.ts";
import type { LineFormat } from "../line-format.ts";

/** One plain request that went well at the second attempt. */
export const entry: AccessEntry = {
  startedAtMs: Date.UTC(2026, 10, 21, 12, 38, 57, 42),
  durationUs: 12_345,
  firstByteUs: 9_001,
  requestId: "r1",
  listener: "web",
  route: "api",
  upstream: "api-v1",
  endpoint: "10.0.0.1:8080",
  attempts: 2,
  clientAddress: "192.0.2.1",
  method: "GET",
  host: "shop.example",
  target: "/a?b=1",
  minorVersion: 1,
  status: 200,
  bytesReceived: 0,
  bytesSent: 66,
  referer: "",
  userAgent: "curl/8",
  reason: "",
  traceId: "t1",
};

/** A format's line for one entry. */
export function lineOf(format: LineFormat, one: AccessEntry): string {
  const out = new LineBuffer(8);
  format(one, out);
  return out.take().toString("latin1");
}
