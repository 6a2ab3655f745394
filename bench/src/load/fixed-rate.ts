/**
 * Runs the fixed-rate client as a process of its own.
 */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

import { pinnedNode } from "../../../test/support/pinned-node.ts";
import { pinIdleLoad } from "../measure/machine.ts";

const PROGRAM = fileURLToPath(new URL("fixed-rate-client.ts", import.meta.url));

/** The load to offer. */
export interface FixedRateOptions {
  readonly port: number;
  readonly ratePerSecond: number;
  readonly seconds: number;
  readonly warmupSeconds: number;
  readonly connections: number;
}

/** What came of it; latencies from when each request was due, warm-up left out. */
export interface FixedRateResult {
  readonly requests: number;
  readonly errors: number;
  readonly achievedRate: number;
  readonly p50Us: number;
  readonly p90Us: number;
  readonly p99Us: number;
  readonly p999Us: number;
  readonly maxUs: number;
  /** How late the client itself was in sending. */
  readonly latenessP50Us: number;
  readonly latenessP99Us: number;
}

/** Offers the load and resolves with the outcome; throws when the client fails. */
export async function runFixedRate(options: FixedRateOptions): Promise<FixedRateResult> {
  const { port, ratePerSecond, seconds, warmupSeconds, connections } = options;
  const numbers = [port, Math.round(ratePerSecond), seconds, warmupSeconds, connections];
  const command = [...pinIdleLoad(), pinnedNode(), PROGRAM, ...numbers.map(String)];
  const child = spawn(command[0]!, command.slice(1), { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  // Far behind its schedule it would run for ever: an overloaded proxy must not hang the bench.
  const timer = setTimeout(() => child.kill("SIGKILL"), (seconds + warmupSeconds) * 3_000 + 5_000);
  const code = await new Promise((resolve) => child.once("close", resolve));
  clearTimeout(timer);
  if (code !== 0) throw new Error(`the fixed-rate client ended with ${String(code)}`);
  return JSON.parse(output) as FixedRateResult;
}
