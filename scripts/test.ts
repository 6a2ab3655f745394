/**
 * Runs the tests: `node scripts/test.ts [unit|scenario|sockets] [flags of node --test]`. Unit tests lie
 * beside the code, scenarios across packages in test/; `sockets` runs the proxy's scenarios over
 * ordinary sockets, as with a Node whose inside is not as expected. All where none is named.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const globs = {
  unit: [
    "packages/*/src/**/*.test.ts",
    "bench/src/**/*.test.ts",
    "lab/src/**/*.test.ts",
    "scripts/**/*.test.ts",
  ],
  scenario: ["test/**/*.test.ts"],
  sockets: ["test/proxy/*.test.ts"],
} as const;
const allKinds = ["unit", "scenario", "sockets"] as const;
type Kind = (typeof allKinds)[number];
/** Scenarios start processes of several threads each and measure: two at once are enough. */
const SCENARIOS_AT_ONCE = 2;
const installPeers = join(root, "scripts", "install-peers.sh");

process.exitCode = await main(process.argv.slice(2));

async function main(words: readonly string[]): Promise<number> {
  const kinds = allKinds.filter((kind) => words.includes(kind));
  const flags = words.filter((word) => !allKinds.includes(word as Kind));
  const unknown = flags.find((flag) => !flag.startsWith("-"));
  if (unknown !== undefined) {
    console.error(
      `usage: node scripts/test.ts [unit|scenario|sockets] [--flags]; not "${unknown}"`,
    );
    return 2;
  }
  let worst = 0;
  for (const kind of kinds.length > 0 ? kinds : allKinds) {
    if (kind === "scenario") await providePeers();
    const atOnce = kind === "unit" ? availableParallelism() : SCENARIOS_AT_ONCE;
    console.log(`\n${kind} tests`);
    if (kind === "sockets") process.env["EVENKEEL_TEST_SOCKETS"] = "ordinary";
    worst = Math.max(worst, await runTests(globs[kind], atOnce, flags));
  }
  return worst;
}

/** `node --test` exits with 1 where a test failed. What failed runs once more, one file at a time:
 * tests with real sockets and processes have deadlines, and a machine that is busy with something
 * else must not decide. What fails by itself too has failed; both runs are shown. */
async function runTests(
  patterns: readonly string[],
  atOnce: number,
  flags: readonly string[],
): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "evenkeel-tests-"));
  const state = `--test-rerun-failures=${join(folder, "state.json")}`;
  const runAll = (concurrency: number): Promise<number> =>
    run(process.execPath, [
      "--test",
      `--test-concurrency=${concurrency}`,
      state,
      ...flags,
      ...patterns,
    ]);
  try {
    if ((await runAll(atOnce)) === 0) return 0;
    console.log("\nSome tests failed; they run once more, each file by itself.");
    return await runAll(1);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Real servers to compare with; where they can't be had, tests say themselves what they miss. */
async function providePeers(): Promise<void> {
  if (!existsSync(installPeers)) return;
  const code = await run("sh", [installPeers]);
  if (code === 0) return;
  console.log("Not all real servers could be installed: scenarios that need them will say so.");
}

function run(command: string, words: readonly string[]): Promise<number> {
  const child = spawn(command, words, { cwd: root, stdio: "inherit" });
  return new Promise((resolve) => {
    child.once("error", (error) => {
      console.error(`${command}: ${error.message}`);
      resolve(1);
    });
    child.once("exit", (code) => resolve(code ?? 1));
  });
}
