/**
 * Writes the documentation that is generated from the code: `node scripts/docs.ts`. With `--check`
 * it writes nothing and fails where a file differs from what the code says.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  configurationSchema,
  editorSchema,
} from "../packages/evenkeel/src/config/reference/json-schema.ts";
import { referencePage } from "../packages/evenkeel/src/config/reference/page.ts";

const docs = join(import.meta.dirname, "../docs");
const generated: Readonly<Record<string, string>> = {
  "configuration.md": referencePage(configurationSchema()),
  "configuration.schema.json": editorSchema(),
};

const stale = Object.keys(generated).filter((name) => readOrEmpty(name) !== generated[name]);
if (process.argv.includes("--check")) {
  for (const name of stale) console.error(`docs/${name} is out of date: run npm run docs`);
  if (stale.length > 0) process.exitCode = 1;
} else {
  for (const name of stale) writeFileSync(join(docs, name), generated[name]!);
  console.log(stale.length > 0 ? `wrote ${stale.join(", ")}` : "nothing changed");
}

function readOrEmpty(name: string): string {
  try {
    return readFileSync(join(docs, name), "utf8");
  } catch {
    // A file that is not there yet differs from what it should be.
    return "";
  }
}
