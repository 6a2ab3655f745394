/**
 * Closed-loop load by wrk, and what it reports.
 */
import { spawn } from "node:child_process";

import { pinLoad } from "./machine.ts";

/** The load of one run. */
export interface WrkOptions {
  readonly url: string;
  readonly seconds: number;
  readonly connections?: number;
  /** A Lua script that makes the requests. */
  readonly script?: string;
}

/** What wrk counted. */
export interface WrkResult {
  readonly requests: number;
  readonly requestsPerSecond: number;
  readonly bytes: number;
  readonly p50Us: number;
  readonly p99Us: number;
  /** Connect, read, write and timeout errors and answers other than 2xx and 3xx. */
  readonly errors: number;
}

/** Runs wrk with one thread for so many seconds; throws when it fails. */
export async function runWrk(options: WrkOptions): Promise<WrkResult> {
  const command = [
    ...pinLoad(),
    "wrk",
    "-t1",
    `-c${options.connections ?? 64}`,
    `-d${options.seconds}s`,
    "--latency",
    ...(options.script === undefined ? [] : ["-s", options.script]),
    options.url,
  ];
  const child = spawn(command[0]!, command.slice(1), { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise((resolve, reject) => {
    child.once("close", resolve);
    child.once("error", reject);
  });
  if (code !== 0) throw new Error(`wrk ended with ${String(code)}: ${output}`);
  return parseWrk(output);
}

/** Reads wrk's printed report. */
export function parseWrk(output: string): WrkResult {
  const number = (pattern: RegExp): number => Number(pattern.exec(output)?.[1] ?? 0);
  const socketErrors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(
    output,
  );
  const lost = (socketErrors ?? []).slice(1).reduce((sum, count) => sum + Number(count), 0);
  return {
    requests: number(/(\d+) requests in /),
    requestsPerSecond: number(/Requests\/sec:\s+([\d.]+)/),
    bytes: toBytes(/requests in [\d.]+\w+, ([\d.]+)([KMGT]?B) read/.exec(output)),
    p50Us: toUs(/^\s+50%\s+([\d.]+)(us|ms|s|m)$/m.exec(output)),
    p99Us: toUs(/^\s+99%\s+([\d.]+)(us|ms|s|m)$/m.exec(output)),
    errors: lost + number(/Non-2xx or 3xx responses: (\d+)/),
  };
}

function toUs(match: RegExpExecArray | null): number {
  const unit = { us: 1, ms: 1e3, s: 1e6, m: 60e6 }[match?.[2] ?? ""];
  return unit === undefined ? Number.NaN : Math.round(Number(match![1]) * unit);
}

function toBytes(match: RegExpExecArray | null): number {
  const unit = { B: 1, KB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30, TB: 2 ** 40 }[match?.[2] ?? ""];
  return unit === undefined ? Number.NaN : Number(match![1]) * unit;
}
