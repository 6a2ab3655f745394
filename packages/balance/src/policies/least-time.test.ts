import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { observeLatency } from "../peak-ewma.ts";
import {
  describePolicyContract,
  group,
  pickRequest,
  scriptedRandom,
  seededRandom,
} from "../testing/index.ts";
import { leastTime } from "./least-time.ts";

const settings = { decayMs: 10_000 };

describePolicyContract("least_time", () => leastTime(settings));

describe("least_time", () => {
  const cases = [
    { picks: "b", when: "it answers faster", of: "a@900 b@100", draws: [0, 0] },
    { picks: "a", when: "b is faster but busier", of: "a@900 b:9@100", draws: [0, 0] },
    { picks: "a", when: "its weight makes up for its time", of: "a*4@300 b@100", draws: [0.9, 0] },
    { picks: "a", when: "estimates tie and it was drawn first", of: "a@50 b@50", draws: [0, 0] },
    { picks: "b", when: "nothing is known of it and it is idle", of: "a@1 b", draws: [0, 0] },
    { picks: "a", when: "b's first answer is still out", of: "a:9@90000 b:1", draws: [0.9, 0] },
    {
      picks: "a",
      when: "nothing is known of both and b is busier",
      of: "a:1 b:2",
      draws: [0.9, 0],
    },
    { picks: "b", when: "the fastest is not drawn", of: "a@9 b@8 c@1", draws: [0, 0] },
  ];
  for (const { picks, when, of, draws } of cases) {
    test(`picks ${picks} when ${when}`, () => {
      const { members, facts, nameOf } = group(of);
      const picker = leastTime(settings).createPicker(members, facts, scriptedRandom(...draws));
      assert.equal(nameOf(picker.pick(pickRequest())), picks);
    });
  }

  test("an endpoint that was slow once is tried again when its average has faded", () => {
    const { members, facts, nameOf, slotOf } = group("slow fast");
    observeLatency(facts, slotOf("slow"), 1_000_000, 0, settings.decayMs);
    const pickAt = (nowMs: number) => {
      observeLatency(facts, slotOf("fast"), 1_000, nowMs, settings.decayMs);
      const picker = leastTime(settings).createPicker(members, facts, seededRandom(2));
      return nameOf(picker.pick(pickRequest({ nowMs })));
    };
    assert.equal(pickAt(60_000), "fast");
    assert.equal(pickAt(70_000), "slow");
  });

  test("sends less to the slower one, in a simulation of answers", () => {
    const made = group("slow fast");
    const picker = leastTime(settings).createPicker(made.members, made.facts, seededRandom(9));
    const times: Record<string, number> = { slow: 40, fast: 10 };
    const sent: Record<string, number> = { slow: 0, fast: 0 };
    const running: { slot: number; untilMs: number }[] = [];
    for (let nowMs = 0; nowMs < 20_000; nowMs += 2) {
      for (const one of running.filter(({ untilMs }) => untilMs === nowMs)) {
        running.splice(running.indexOf(one), 1);
        made.facts.inFlight[one.slot]!--;
        observeLatency(made.facts, one.slot, times[made.nameOf(one.slot)]! * 1000, nowMs, 10_000);
      }
      const slot = picker.pick(pickRequest({ nowMs }));
      made.facts.inFlight[slot]!++;
      sent[made.nameOf(slot)]!++;
      running.push({ slot, untilMs: nowMs + times[made.nameOf(slot)]! });
    }
    const ratio = sent["fast"]! / sent["slow"]!;
    assert.ok(ratio > 3 && ratio < 20, `fast gets ${ratio} times as much`);
  });

  test("needs no lock", () => assert.equal(leastTime(settings).exclusive, false));
});
