import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { warningsOf } from "../testing/configure.ts";

const shell = (word: string): string =>
  `is run without a shell: ${word} is handed to it as it is written (with one: [sh, -c, "…"])`;

const cases: readonly (readonly [name: string, process: string, key: string, warning: string])[] = [
  ["two programs", "command: a && b", "command", shell("&&")],
  ["a pipe", "command: [a, '|', b]", "command", shell("|")],
  ["a redirection", "command: a 2>err.log", "command", shell("2>err.log")],
  ["a variable", "command: a $HOME", "command", shell("$HOME")],
  ["a home", "command: ~/bin/a", "command", shell("~/bin/a")],
  ["a shell", "command: [/bin/sh, -c, '|']", "", ""],
  ["the same within an argument", "command: [a, 'x && y']", "", ""],
  [
    "a port that is hidden",
    "command: a, ports: auto, env: { PORT: '80' }",
    "env.PORT",
    "hides the port that each instance is given; leave it out",
  ],
  ["a port that is told otherwise", "command: 'a {{port}}', env: { PORT: '80' }", "", ""],
  [
    "a tiny bound",
    "command: a, memory: 100",
    "memory",
    "is 100 bytes, less than any program takes: it is replaced again and again",
  ],
];

describe("a process is warned of for", () => {
  for (const [name, process, key, warning] of cases) {
    test(name, () => {
      const found = warningsOf(`processes: { x: { ${process} } }`);
      const said = found.map((one) => one.replace(/^\S+ /, ""));
      assert.deepEqual(said, warning === "" ? [] : [`processes.x.${key}: ${warning}`]);
    });
  }
});
