import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { speaksAgainstLoser } from "./lost-race.ts";

describe("a lost race speaks against the loser", () => {
  const cases = [
    { name: "that has been silent", loserMs: 25, winnerMs: 2, silentMs: 300, speaks: true },
    { name: "not in a short pause", loserMs: 25, winnerMs: 2, silentMs: 249, speaks: false },
    {
      name: "not where the winner was slow too",
      loserMs: 39,
      winnerMs: 20,
      silentMs: 900,
      speaks: false,
    },
    { name: "where it was twice as slow", loserMs: 40, winnerMs: 20, silentMs: 900, speaks: true },
    {
      name: "where the winner took no time",
      loserMs: 300,
      winnerMs: 0,
      silentMs: 300,
      speaks: true,
    },
  ];
  for (const { name, speaks, ...race } of cases) {
    test(name, () => assert.equal(speaksAgainstLoser(race), speaks));
  }
});
