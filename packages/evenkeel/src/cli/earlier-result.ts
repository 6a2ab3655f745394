/** An earlier run of a bench, to compare with. */
import { readFileSync } from "node:fs";

import type { BenchResult } from "../load/bench-result.ts";
import { readResult } from "../load/read-result.ts";
import { Failure } from "./failure.ts";

/** The result of an earlier run. */
export function readEarlier(file: string): BenchResult {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Failure(2, `--compare: ${file} can't be read (${code ?? "unknown"})`);
  }
  const read = readResult(text);
  if (!read.ok) throw new Failure(2, `--compare: ${file}: ${read.problem}`);
  return read.result;
}
