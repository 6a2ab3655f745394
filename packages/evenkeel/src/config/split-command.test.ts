import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { splitCommand } from "./split-command.ts";

const cases: Readonly<Record<string, readonly string[] | undefined>> = {
  "": [],
  "  a\tb\n": ["a", "b"],
  "a 'b c' d": ["a", "b c", "d"],
  'a "b c"d': ["a", "b cd"],
  "a '' \"\"": ["a", "", ""],
  'a b\\ c \\"': ["a", "b c", '"'],
  'a "\\"\\\\\\n"': ["a", '"\\\\n'],
  "a '\\'": ["a", "\\"],
  "a $HOME *.txt | b": ["a", "$HOME", "*.txt", "|", "b"],
  "a 'b": undefined,
  'a "b': undefined,
  "a \\": undefined,
};

describe("a command line", () => {
  for (const [line, words] of Object.entries(cases)) {
    test(JSON.stringify(line), () => assert.deepEqual(splitCommand(line), words));
  }

  test("what is quoted comes back", () =>
    fc.assert(
      fc.property(fc.array(fc.string()), (words) => {
        const quoted = words.map((word) => `'${word.replaceAll("'", `'"'"'`)}'`).join(" ");
        assert.deepEqual(splitCommand(quoted), words);
      }),
    ));
});
