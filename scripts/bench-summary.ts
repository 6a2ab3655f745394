/**
 * Writes the README's table of measured figures from the newest reports in bench/results:
 * `node scripts/bench-summary.ts`. Run it after `npm run bench`, where its results are to be shown.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type BenchReport, newest, withBenchBlock } from "./prose/bench-block.ts";

const root = join(import.meta.dirname, "..");
const results = join(root, "bench", "results");
const readme = join(root, "README.md");

const names = existsSync(results)
  ? readdirSync(results).filter((one) => one.endsWith(".json"))
  : [];
const reports = new Map(
  names.map((name) => [name, JSON.parse(readFileSync(join(results, name), "utf8")) as BenchReport]),
);
const used = newest(reports);
writeFileSync(readme, withBenchBlock(readFileSync(readme, "utf8"), used));
console.log(used.size > 0 ? `from ${[...used.keys()].join(", ")}` : "there are no results yet");
