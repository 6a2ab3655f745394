/** Configurations for tests: texts in, what was made of them out. */
import assert from "node:assert/strict";
import type { Desired } from "../../snapshot/desired.ts";
import type { Config } from "../config.ts";
import { toDesired } from "../desired/to-desired.ts";
import { type LoadOptions, parseConfig } from "../load.ts";
import { formatProblems, summarizeProblem } from "../problem.ts";
import { SlotAllocator } from "../slots.ts";

const options: LoadOptions = { environment: {}, cores: 2 };

/** A configuration that must be sound. */
export function configure(text: string, more: LoadOptions = {}): Config {
  const result = parseConfig("evenkeel.yaml", text, { ...options, ...more });
  if (!result.ok) assert.fail(formatProblems(result.problems));
  return result.config;
}

/** The desired state of a configuration that must be sound; slots start at 0 unless given. */
export function desire(text: string, slots = new SlotAllocator(), version = 1): Desired {
  return toDesired(configure(text), slots, version);
}

/** First lines of all problems; none for a sound configuration. */
export function problemsOf(text: string, more: LoadOptions = {}): string[] {
  const result = parseConfig("evenkeel.yaml", text, { ...options, ...more });
  return result.ok ? [] : result.problems.map(summarizeProblem);
}

/** First lines of all warnings about a configuration that must be sound. */
export function warningsOf(text: string): string[] {
  const result = parseConfig("evenkeel.yaml", text, options);
  if (!result.ok) assert.fail(formatProblems(result.problems));
  return result.warnings.map(summarizeProblem);
}
