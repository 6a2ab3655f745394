/**
 * Offers a fixed rate with `evenkeel bench`, as a process of its own. It polls, because dozing costs
 * a tenth of a millisecond, and does so at idle priority, so that nothing waits for it.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { benchResult } from "../../../packages/evenkeel/src/load/bench-result.ts";
import { pinnedNode } from "../../../test/support/pinned-node.ts";
import { pinIdleLoad } from "../measure/machine.ts";

const PROGRAM = fileURLToPath(
  new URL("../../../packages/evenkeel/bin/evenkeel.js", import.meta.url),
);

/** The load to offer. */
export interface FixedRateOptions {
  readonly port: number;
  readonly ratePerSecond: number;
  readonly seconds: number;
  readonly warmupSeconds: number;
  /** At most; no more are opened than are needed. */
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
  readonly latenessP99Us: number;
}

/** Offers the load and resolves with the outcome; throws when the client fails. */
export async function runFixedRate(options: FixedRateOptions): Promise<FixedRateResult> {
  const folder = mkdtempSync(join(tmpdir(), "evenkeel-bench-"));
  const file = join(folder, "result.json");
  try {
    const output = await runBench(options, file);
    const [step] = readSteps(file, output);
    if (!step) throw new Error(`the load generator measured nothing:\n${output}`);
    return {
      requests: step.requests,
      errors: step.errors.total,
      achievedRate: step.achieved_per_s,
      p50Us: step.latency_us.p50,
      p90Us: step.latency_us.p90,
      p99Us: step.latency_us.p99,
      p999Us: step.latency_us.p99_9,
      maxUs: step.latency_us.max,
      latenessP99Us: step.generator.lag_p99_us,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** All it printed. Its exit code only says whether an SLO was met, and there is none. */
async function runBench(options: FixedRateOptions, file: string): Promise<string> {
  const { port, ratePerSecond, seconds, warmupSeconds, connections } = options;
  const url = `http://127.0.0.1:${port}/`;
  const rate = ["--rate", String(Math.round(ratePerSecond))];
  const times = ["--hold", `${seconds}s`, "--warm-up", `${warmupSeconds}s`];
  const lanes = ["--max-connections", String(connections), "--threads", "1", "--precise"];
  const words = ["bench", url, ...rate, ...times, ...lanes, "--json", file];
  const command = [...pinIdleLoad(), pinnedNode(), PROGRAM, ...words];
  const child = spawn(command[0]!, command.slice(1), { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  await new Promise((resolve, reject) => {
    child.once("close", resolve);
    child.once("error", reject);
  });
  return output;
}

function readSteps(file: string, output: string): readonly Step[] {
  try {
    return benchResult.parse(JSON.parse(readFileSync(file, "utf8"))).steps;
  } catch (cause) {
    throw new Error(`the load generator failed:\n${output}`, { cause });
  }
}

type Step = ReturnType<typeof benchResult.parse>["steps"][number];
