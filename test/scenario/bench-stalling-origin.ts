/**
 * An origin that does nothing at all for a while, again and again:
 * `bench-stalling-origin.ts EVERY_MS STALL_MS DELAY_MS`. Prints its port; when its input ends it
 * prints its stalls as JSON, pairs of begin and end by the system's monotonic clock in milliseconds,
 * and ends.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const [everyMs = 10_000, stallMs = 1_000, delayMs = 0] = process.argv.slice(2).map(Number);

const stalls: [number, number][] = [];
const cell = new Int32Array(new SharedArrayBuffer(4));
const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6;

const origin = createServer((request, response) => {
  request.resume();
  setTimeout(() => response.end("hello\n"), delayMs);
});
origin.keepAliveTimeout = 60_000;
origin.listen({ port: 0, host: "127.0.0.1", backlog: 4_096 }, () => {
  process.stdout.write(`${(origin.address() as AddressInfo).port}\n`);
});

setInterval(() => {
  const from = nowMs();
  Atomics.wait(cell, 0, 0, stallMs);
  stalls.push([from, nowMs()]);
}, everyMs);

process.stdin.resume();
process.stdin.on("end", () => {
  process.stdout.write(`${JSON.stringify(stalls)}\n`, () => process.exit(0));
});
