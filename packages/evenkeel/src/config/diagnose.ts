/** Turns what zod found into problems people can act on. */
import type { z } from "zod";
import { nearest } from "../lib/edit-distance.ts";
import type { Problem } from "./problem.ts";
import { knownKeys, meantDeeper, synonyms, unsupported } from "./known-keys.ts";
import type { Path, Source } from "./source/source.ts";

/** All of them, one per broken rule. */
export function diagnose(issues: readonly z.core.$ZodIssue[], source: Source): Problem[] {
  return issues.flatMap((issue) => describe(issue, source));
}

function describe(issue: z.core.$ZodIssue, source: Source): Problem[] {
  const { path } = issue;
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => unknownKey(path, key, source));
  }
  if (issue.code === "invalid_key") {
    const rule = issue.issues[0]?.message ?? "can't be a key here";
    return [source.problemAt(path, rule, { atKey: true })];
  }
  const value = valueAt(source.value, path);
  const rule = ruleOf(issue, value);
  if (rule === "is required") return [source.problemAt(path, rule)];
  const at: unknown = issue.code === "custom" ? issue.params?.["at"] : undefined;
  if (typeof at === "number" && typeof value === "string") {
    return [source.problemAt(path, rule, { within: { value, at } })];
  }
  return [source.problemAt(path, rule, { showGot: true, hint: hintOf(issue, value) })];
}

/** The word that was probably meant where only some are allowed. */
function hintOf(issue: z.core.$ZodIssue, value: unknown): string | undefined {
  const allowed =
    issue.code === "invalid_value"
      ? issue.values
      : issue.code === "custom"
        ? (issue.params?.["allowed"] as readonly string[] | undefined)
        : undefined;
  if (!allowed || typeof value !== "string") return undefined;
  return didYouMean(nearest(value, allowed.map(String)));
}

/** A hint for a near word; undefined where there is none. */
export function didYouMean(word: string | undefined): string | undefined {
  return word === undefined ? undefined : `did you mean "${word}"?`;
}

/** Positions in a list of one that was written without its list are passed over. */
function valueAt(value: unknown, path: Path): unknown {
  let at = value;
  for (const step of path) {
    if (typeof step === "number" && !Array.isArray(at)) continue;
    if (typeof at !== "object" || at === null) return undefined;
    at = (at as Record<PropertyKey, unknown>)[step];
  }
  return at;
}

function unknownKey(path: Path, key: string, source: Source): Problem {
  const at = [...path, key];
  const later = unsupported(path, key);
  if (later !== undefined) return source.problemAt(at, later, { atKey: true });
  const allowed = knownKeys(path);
  if (allowed.includes(key)) {
    return source.problemAt(at, "does not go with the policy or protocol here", { atKey: true });
  }
  const elsewhere = meantDeeper(path, key);
  if (elsewhere !== undefined) {
    return source.problemAt(at, "unknown key", { atKey: true, hint: `write ${elsewhere}` });
  }
  const meant = allowed.includes(synonyms[key] ?? "") ? synonyms[key] : nearest(key, allowed);
  return source.problemAt(at, "unknown key", { atKey: true, hint: didYouMean(meant) });
}

const kinds: Readonly<Record<string, string>> = {
  object: "a map",
  record: "a map",
  array: "a list",
  string: "text (put numbers and words such as true in quotes)",
  boolean: "true or false",
  number: "a number",
  int: "a whole number",
};

function ruleOf(issue: z.core.$ZodIssue, value: unknown): string {
  if (issue.code === "invalid_type") {
    return value === undefined
      ? "is required"
      : `must be ${kinds[issue.expected] ?? issue.expected}`;
  }
  if (issue.code === "invalid_value") {
    const allowed = issue.values.map(String).join(", ");
    return issue.values.length === 1 ? `must be ${allowed}` : `must be one of ${allowed}`;
  }
  if (issue.code === "too_small" && issue.origin === "array") return "must not be empty";
  return issue.message;
}
