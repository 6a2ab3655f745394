/** Reads a result that an earlier run wrote. */
import { z } from "zod";

import { benchResult, type BenchResult, resultVersion } from "./bench-result.ts";
import { decodeHistogram } from "./latency-histogram.ts";

export type ReadResult =
  | { readonly ok: true; readonly result: BenchResult }
  | { readonly ok: false; readonly problem: string };

/** The result in a text; what is wrong with it, where it is none that can be read. */
export function readResult(text: string): ReadResult {
  const bad = (problem: string): ReadResult => ({ ok: false, problem });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return bad("it is not JSON");
  }
  const header = z.object({ format: z.string(), version: z.number() }).safeParse(value);
  if (!header.success) return bad('it is not what "evenkeel bench --json" writes');
  if (header.data.format !== "evenkeel-bench") {
    return bad(`it holds "${header.data.format}", not the result of one bench`);
  }
  if (header.data.version !== resultVersion) {
    return bad(`it has version ${header.data.version}; this Evenkeel reads ${resultVersion}`);
  }
  const parsed = benchResult.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return bad(`${issue?.path.join(".") ?? ""}: ${issue?.message ?? "unknown problem"}`);
  }
  try {
    for (const { histogram } of parsed.data.steps) decodeHistogram(histogram);
  } catch {
    return bad("a histogram in it can't be decoded");
  }
  return { ok: true, result: parsed.data };
}
