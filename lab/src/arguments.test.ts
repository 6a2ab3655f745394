import assert from "node:assert/strict";
import { test } from "node:test";

import { parseArguments } from "./arguments.ts";

test("nothing asked for is the whole laboratory", () => {
  const asked = parseArguments([]);
  assert.deepEqual(asked.products, []);
  assert.deepEqual(asked.scenarios, []);
  assert.deepEqual(
    [asked.ratePerSecond, asked.seconds, asked.warmUpSeconds, asked.tries],
    [500, 14, 2, 2],
  );
});

test("lists, numbers and files", () => {
  const asked = parseArguments(
    "--products nginx,haproxy-lc --scenarios kill --rate 100 --json a.json --add b.json,c.json".split(
      " ",
    ),
  );
  assert.deepEqual(asked.products, ["nginx", "haproxy-lc"]);
  assert.deepEqual(asked.scenarios, ["kill"]);
  assert.equal(asked.ratePerSecond, 100);
  assert.equal(asked.json, "a.json");
  assert.deepEqual(asked.add, ["b.json", "c.json"]);
});

test("quick is short, and what is named still counts", () => {
  assert.equal(parseArguments(["--quick"]).seconds, 5);
  assert.equal(parseArguments(["--quick", "--seconds", "3"]).seconds, 3);
});

const wrong = [
  { name: "an unknown option", words: ["--rates", "5"] },
  { name: "a word that is no option", words: ["kill"] },
  { name: "no number", words: ["--rate", "many"] },
  { name: "nothing per second", words: ["--rate", "0"] },
  { name: "half a second", words: ["--seconds", "0.5"] },
  { name: "more than it can take", words: ["--rate", "100000"] },
];

for (const { name, words } of wrong) {
  test(`refuses ${name}`, () => assert.throws(() => parseArguments(words)));
}
