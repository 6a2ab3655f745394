import { test } from "node:test";
import assert from "node:assert/strict";
import { exists, isAlive, isDead, parseIdentity, parseStat, readIdentity } from "./identity.ts";

function line(name: string, state: string, threads: number): string {
  return `77 (${name}) ${state} 1 70 60 0 -1 4194304 900 0 0 0 250 50 7 7 20 0 ${threads} 0 123456 1000 20 1`;
}

const stats = [
  ["a usual process", line("app", "S", 1), false],
  ["a name with everything in it", line("a) Z 1 (b", "R", 3), false],
  ["a stopped one lives", line("app", "T", 1), false],
  ["one that nobody has reaped", line("app", "Z", 1), true],
  ["one whose first thread has ended before the others", line("app", "Z", 4), false],
  ["one that is being removed", line("app", "X", 1), true],
] as const;

for (const [name, text, dead] of stats) {
  test(`stat: ${name}`, () => {
    const stat = parseStat(text)!;
    assert.deepEqual([stat.group, stat.session, stat.startTicks], [70, 60, 123_456]);
    assert.equal(isDead(stat), dead);
  });
}

for (const text of ["", "77 (app", "77 (app) S 1 2"]) {
  test(`no stat: ${JSON.stringify(text)}`, () => assert.equal(parseStat(text), undefined));
}

test("this process lives; with another start or another boot it is somebody else", () => {
  const own = readIdentity(process.pid)!;
  assert.equal(isAlive(own), true);
  assert.equal(isAlive({ ...own, startTicks: own.startTicks + 1 }), false);
  assert.equal(isAlive({ ...own, bootId: "another" }), false);
  assert.equal(isAlive({ ...own, pid: 4_190_000 }), false);
  assert.deepEqual(parseIdentity(JSON.parse(JSON.stringify(own))), own);
});

const noIdentities = [
  undefined,
  null,
  "1",
  {},
  { pid: 1, startTicks: 1 },
  { pid: 0, startTicks: 1, bootId: "" },
  { pid: -5, startTicks: 1, bootId: "" },
  { pid: 1.5, startTicks: 1, bootId: "" },
  { pid: 1, startTicks: "1", bootId: "" },
];

for (const value of noIdentities) {
  test(`no identity: ${JSON.stringify(value)}`, () => {
    assert.equal(parseIdentity(value), undefined);
  });
}

test("numbers and groups that are there, and not", () => {
  assert.equal(exists(process.pid), true);
  assert.equal(exists(1), true, "also where it may not be signalled");
  assert.equal(exists(4_190_000), false);
  assert.equal(exists(-4_190_000), false);
});
