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
import { isPlausible, tally } from "../testing/tally.ts";
import { leastTime } from "./least-time.ts";

const settings = { decayMs: 10_000 };

describePolicyContract("least_time", () => leastTime(settings));

describe("least_time", () => {
  const cases = [
    { picks: "b", when: "it answers faster", of: "a@900 b@100", draws: [0, 0] },
    { picks: "a", when: "b is faster but busier", of: "a@900 b:9@100", draws: [0, 0] },
    { picks: "a", when: "its weight bears its load", of: "a*4:3@100 b:2@100", draws: [0.9, 0] },
    {
      picks: "b",
      when: "a is heavier but needs twice as long",
      of: "a*9@200 b@100",
      draws: [0, 0],
    },
    {
      picks: "a",
      when: "b is lighter, only a little sooner",
      of: "a*3@150 b@100",
      draws: [0, 0, 0.4],
    },
    { picks: "b", when: "it is so, and it is its turn", of: "a*3@150 b@100", draws: [0, 0, 0.3] },
    { picks: "b", when: "it is heavier and a little sooner", of: "a@150 b*3@100", draws: [0, 0] },
    { picks: "b", when: "weights are equal", of: "a*7@101 b*7@100", draws: [0, 0] },
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

  const small = Array.from({ length: 20 }, (_, index) => `s${index}`).join(" ");
  const shares = [
    { of: "big*100 small*99", share: 100 / 199 },
    { of: "big*3 small", share: 3 / 4 },
    { of: "big*3 b c", share: 3 / 5 },
    { of: `big*20 ${small}`, share: 1 / 2 },
    { of: "big*0.1 old", share: 0.1 / 1.1 },
    { of: "big*0.5 old other", share: 1 / 5 },
  ];
  for (const { of, share } of shares) {
    const title = of.slice(0, 20);
    test(`idle members "${title}" that are equally fast share by weight`, () => {
      const made = group(of);
      const { members, facts } = made;
      for (const slot of members) facts.latencyUs[slot] = 5_000;
      const picker = leastTime(settings).createPicker(members, facts, seededRandom(7));
      const { big = 0 } = tally(made, picker, 20_000);
      assert.ok(isPlausible(big, 20_000, share), `${big} of 20000, not ${share}`);
    });

    test(`idle members "${title}" share by weight where their averages are noisy`, () => {
      const { members, facts, slotOf } = group(of);
      const random = seededRandom(7);
      const picker = leastTime(settings).createPicker(members, facts, random);
      let big = 0;
      for (let pick = 0; pick < 20_000; pick++) {
        for (const slot of members) facts.latencyUs[slot] = 5_000 + 4_900 * random();
        if (picker.pick(pickRequest()) === slotOf("big")) big++;
      }
      assert.ok(isPlausible(big, 20_000, share), `${big} of 20000, not ${share}`);
    });
  }

  test("equally fast members hold what their weights say, whatever the weights are counted in", () => {
    for (const notation of ["a*2@9 b@9 c@9", "a*200@9 b*100@9 c*100@9"]) {
      const { members, facts } = group(notation);
      const picker = leastTime(settings).createPicker(members, facts, seededRandom(7));
      for (let sent = 0; sent < 4_000; sent++) facts.inFlight[picker.pick(pickRequest())]!++;
      const held = members.map((slot) => facts.inFlight[slot]!);
      for (const [index, count] of [2_000, 1_000, 1_000].entries()) {
        assert.ok(Math.abs(held[index]! - count) <= 0.03 * count, held.join());
      }
    }
  });

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
