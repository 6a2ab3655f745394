/**
 * Fuzzes the HTTP/1 codec for a while: `node scripts/fuzz.ts [--seconds N] [--seed S]`. Exits with 1
 * where an invariant broke, and prints the messages that did it.
 */
import { parseArgs } from "node:util";

import { fuzzCodec } from "../test/fuzz/fuzz-codec.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
  },
});
const seconds = Number(values.seconds);
const seed = Number(values.seed);
if (!(seconds > 0) || !Number.isInteger(seed)) {
  console.error("usage: fuzz.ts [--seconds N] [--seed S]");
  process.exit(2);
}

const endsAt = performance.now() + seconds * 1000;
const report = fuzzCodec(seed, (executions) => executions % 64 === 0 && performance.now() > endsAt);
const { executions, accepted, compared, features, seeds, findings } = report;
console.log(
  `seed ${seed}: ${executions} messages, ${accepted} accepted, ${compared} compared with Node's ` +
    `reading, ${features} features, ${seeds} seeds, ${findings.length} findings`,
);
for (const { kind, bytes, error } of findings) {
  console.log(`\n${kind}: ${JSON.stringify(bytes.toString("latin1"))}`);
  console.log(error instanceof Error ? error.message : error);
}
process.exitCode = findings.length > 0 ? 1 : 0;
