/**
 * Writes the README's table of what clients saw when things broke, from the newest result in
 * lab/results: `node scripts/lab-summary.ts`. Run it after `npm run lab`, where its result is to be
 * shown.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type LabResult, withLabBlock } from "./prose/lab-block.ts";

const root = join(import.meta.dirname, "..");
const results = join(root, "lab", "results");
const readme = join(root, "README.md");

const newest = readdirSync(results)
  .filter((name) => /^\d.*\.json$/.test(name))
  .toSorted()
  .at(-1);
if (newest === undefined) {
  console.log("there are no results yet");
} else {
  const result = JSON.parse(readFileSync(join(results, newest), "utf8")) as LabResult;
  writeFileSync(readme, withLabBlock(readFileSync(readme, "utf8"), newest, result));
  console.log(`from ${newest}`);
}
