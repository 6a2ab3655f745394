/**
 * One proxy under closed-loop load: is it right, and what does it cost?
 */
import { exchange } from "../../../test/support/raw-client.ts";
import { HEADERS_PATH, smallBody } from "../origins.ts";
import type { RunningPeer } from "../peers/peer.ts";
import { cpuTimeBetween, cpuTimeOf } from "./process-time.ts";
import { runWrk } from "./wrk.ts";

/** One measurement of one proxy. */
export interface Sample {
  readonly cpuUs: number;
  readonly userUs: number;
  readonly systemUs: number;
  /** Processor time per MiB of answers. */
  readonly cpuUsPerMiB: number;
  readonly requests: number;
  readonly requestsPerSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
  /** Share of one processor the proxy used; below about 0.9 something else was the bottleneck. */
  readonly busy: number;
}

/** The load to put on. */
export interface LoadOptions {
  readonly seconds: number;
  readonly warmupSeconds: number;
  readonly path?: string;
  readonly connections?: number;
  readonly script?: string;
}

/** Warms the proxy up, loads it and tells what each request cost. The per-request fields are
 * microseconds. Throws when a single answer was an error. */
export async function measureLoaded(peer: RunningPeer, options: LoadOptions): Promise<Sample> {
  const wrk = {
    url: `http://127.0.0.1:${peer.port}${options.path ?? "/"}`,
    ...(options.connections === undefined ? {} : { connections: options.connections }),
    ...(options.script === undefined ? {} : { script: options.script }),
  };
  await runWrk({ ...wrk, seconds: options.warmupSeconds });
  const pids = peer.pids();
  const startedAt = performance.now();
  const before = cpuTimeOf(pids);
  const run = await runWrk({ ...wrk, seconds: options.seconds });
  const { userUs, systemUs } = cpuTimeBetween(before, cpuTimeOf(pids));
  const wallUs = (performance.now() - startedAt) * 1_000;
  if (run.errors > 0) throw new Error(`${run.errors} of ${run.requests} requests failed`);
  if (run.requests === 0) throw new Error("no request was answered");
  return {
    cpuUs: (userUs + systemUs) / run.requests,
    userUs: userUs / run.requests,
    systemUs: systemUs / run.requests,
    cpuUsPerMiB: (userUs + systemUs) / (run.bytes / 2 ** 20),
    requests: run.requests,
    requestsPerSecond: run.requestsPerSecond,
    p50Us: run.p50Us,
    p99Us: run.p99Us,
    busy: (userUs + systemUs) / wallUs,
  };
}

/** Throws unless the proxy uses every origin, passes bodies on unchanged and adds the headers that
 * all proxies are to add. */
export async function verifyPeer(peer: RunningPeer, originCount: number): Promise<void> {
  const bodies = new Set<string>();
  for (let request = 0; request < originCount * 4; request++) {
    const answer = await get(peer.port, "/");
    if (answer.status !== 200) throw new Error(`the proxy answered ${answer.status}`);
    bodies.add(answer.text);
  }
  const expected = Array.from({ length: originCount }, (_, index) => smallBody(index)).sort();
  if ([...bodies].sort().join() !== expected.join()) {
    throw new Error(`wrong bodies through the proxy: ${JSON.stringify([...bodies])}`);
  }
  const { text } = await get(peer.port, HEADERS_PATH);
  if (!/^(::ffff:)?127\.0\.0\.1\|(::ffff:)?127\.0\.0\.1\|http\|bench\.example$/.test(text)) {
    throw new Error(`wrong forwarded headers at the origin: ${JSON.stringify(text)}`);
  }
}

function get(port: number, path: string): ReturnType<typeof exchange> {
  return exchange(port, `GET ${path} HTTP/1.1\r\nHost: bench.example\r\n\r\n`);
}
