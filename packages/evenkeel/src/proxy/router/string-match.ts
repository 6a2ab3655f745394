/** One condition on a header, a query parameter or a cookie, compiled. */
import { RE2JS } from "re2js";

import type { StringMatch } from "../../snapshot/snapshot.ts";

/** Tells whether a value (`undefined`: not there at all) fulfils a condition. */
export type StringTest = (value: string | undefined) => boolean;

/** Compiles a condition. Regular expressions describe the whole value and run in time
 * linear in its length. Throws where the expression is none that RE2 knows. */
export function compileStringMatch(match: StringMatch): StringTest {
  return compilers[match.kind](match.value);
}

const compilers: Readonly<Record<StringMatch["kind"], (expected: string) => StringTest>> = {
  exact: (expected) => (value) => value === expected,
  prefix: (expected) => (value) => value !== undefined && value.startsWith(expected),
  present: () => (value) => value !== undefined,
  absent: () => (value) => value === undefined,
  regex: (expected) => {
    const expression = RE2JS.compile(expected);
    return (value) => value !== undefined && expression.testExact(value);
  },
};

/** What is wrong with a value that fails the condition, to stand behind the name of what it is. */
export function describeFailure(match: StringMatch): string {
  return failures[match.kind](match.value);
}

const failures: Readonly<Record<StringMatch["kind"], (expected: string) => string>> = {
  exact: (expected) => `is not "${expected}"`,
  prefix: (expected) => `does not begin with "${expected}"`,
  present: () => "is missing",
  absent: () => "is present",
  regex: (expected) => `does not match the regular expression ${expected}`,
};
