import assert from "node:assert/strict";
import { crc32 } from "node:zlib";
import { describe, test } from "node:test";

import {
  describePolicyContract,
  evenGroup,
  group,
  pickRequest,
  scriptedRandom,
  seededRandom,
  type Group,
} from "../testing/index.ts";
import { describeLikeNginx } from "../testing/like-nginx.ts";
import { consistentModel, peer, ringModel } from "../testing/nginx-model.ts";
import { hash, type HashSettings } from "./hash.ts";

type Choice = Pick<HashSettings, "algorithm" | "boundedLoadPercent">;

const policyOf = (choice: Choice) => (made: Group) => hash({ ...choice, nameOf: made.nameOf });
const maglev: Choice = { algorithm: "maglev", boundedLoadPercent: 0 };
const ketama: Choice = { algorithm: "ketama", boundedLoadPercent: 0 };

for (const algorithm of ["maglev", "ketama"] as const) {
  for (const boundedLoadPercent of [0, 125]) {
    describePolicyContract(
      `hash by ${algorithm}, bound ${boundedLoadPercent}`,
      policyOf({ algorithm, boundedLoadPercent }),
    );
  }
}

describeConsistentLikeNginx();

function describeConsistentLikeNginx(): void {
  // The ring of the endpoints that the life in question has; it begins with the policy's creation.
  let ring: ReturnType<typeof ringModel> = [];
  const startOf = (client: number): number => {
    const hash = crc32(`k${client}`);
    const at = ring.findIndex((point) => point.hash >= hash);
    return at === -1 ? ring.length : at;
  };
  describeLikeNginx(
    "hash by ketama",
    (made, weights) => {
      const nameOf = (slot: number) => `${made.nameOf(slot)}:80`;
      ring = ringModel(made.members.map((slot, index) => peer(nameOf(slot), weights[index]!)));
      return hash({ ...ketama, nameOf });
    },
    (peers, request, now) => consistentModel(peers, ring, request, now),
    { keyOf: (client) => `k${client}`, startOf },
    { keepsMembers: true, runs: 100 },
  );
}

describe("hash", () => {
  const createPicker = (made: Group, choice: Choice, members = made.members, seed = 1) =>
    policyOf(choice)(made).createPicker(members, made.facts, seededRandom(seed));

  for (const choice of [maglev, ketama]) {
    const { algorithm } = choice;

    test(`${algorithm}: one key always goes to one member, whatever the load`, () => {
      const made = evenGroup(50);
      const picker = createPicker(made, choice);
      const slot = picker.pick(pickRequest({ key: "cart-17" }));
      made.facts.inFlight[slot] = 10_000;
      const again = createPicker(made, choice, made.members, 99);
      assert.equal(again.pick(pickRequest({ key: "cart-17" })), slot);
    });

    test(`${algorithm}: a member that leaves moves hardly any key but its own`, () => {
      const made = evenGroup(20);
      const gone = made.members[7]!;
      const before = createPicker(made, choice);
      const after = createPicker(
        made,
        choice,
        made.members.filter((slot) => slot !== gone),
      );
      let movedWithoutNeed = 0;
      const heirs = new Set<number>();
      for (let key = 0; key < 10_000; key++) {
        const request = pickRequest({ key: `k${key}` });
        const [from, to] = [before.pick(request), after.pick(request)];
        if (from === gone) heirs.add(to);
        else if (from !== to) movedWithoutNeed++;
      }
      assert.equal(heirs.size, 19, "its keys spread over all others");
      const most = algorithm === "ketama" ? 0 : 200;
      assert.ok(movedWithoutNeed <= most, `${movedWithoutNeed} of 10000 moved without need`);
    });

    test(`${algorithm}: shares follow the weights`, () => {
      const made = group("a b*2 c*5");
      const picker = createPicker(made, choice);
      const counts = { a: 0, b: 0, c: 0 } as Record<string, number>;
      for (let key = 0; key < 20_000; key++) {
        counts[made.nameOf(picker.pick(pickRequest({ key: `k${key}` })))]!++;
      }
      for (const [name, weight] of Object.entries({ a: 1, b: 2, c: 5 })) {
        const part = counts[name]! / ((20_000 * weight) / 8);
        assert.ok(part > 0.85 && part < 1.15, `${name} has ${part} of its share`);
      }
    });

    test(`${algorithm}: a closed member's keys spread over the others`, () => {
      const made = evenGroup(5);
      const picker = createPicker(made, choice);
      const out = made.members[2]!;
      const heirs = new Set<number>();
      for (let key = 0; key < 500; key++) {
        const free = picker.pick(pickRequest({ key: `k${key}` }));
        const slot = picker.pick(pickRequest({ key: `k${key}`, closed: (one) => one === out }));
        if (free === out) heirs.add(slot);
        else assert.equal(slot, free);
      }
      assert.equal(heirs.size, 4);
    });

    test(`${algorithm}: with a bound nobody gets more than its share, even by one key`, () => {
      const made = group("a b c*2 d");
      const picker = createPicker(made, { ...choice, boundedLoadPercent: 125 });
      for (let sent = 0; sent < 1_000; sent++) {
        const slot = picker.pick(pickRequest({ key: "hot" }));
        made.facts.inFlight[slot]!++;
        const cap = Math.ceil((1.25 * (sent + 1) * made.facts.weight[slot]!) / 5);
        assert.ok(made.facts.inFlight[slot]! <= cap, `${made.nameOf(slot)} above ${cap}`);
      }
      const loads = made.members.map((slot) => made.facts.inFlight[slot]!);
      assert.ok(Math.max(...loads) >= 250, `the hot key stays where it can: ${loads.join()}`);
    });

    test(`${algorithm}: twelve requests of one key at three members settle at 5, 5 and 2`, () => {
      const made = group("a b c");
      const picker = createPicker(made, { ...choice, boundedLoadPercent: 125 });
      for (let sent = 0; sent < 12; sent++) {
        made.facts.inFlight[picker.pick(pickRequest({ key: "hot" }))]!++;
      }
      const loads = made.members.map((slot) => made.facts.inFlight[slot]!);
      assert.deepEqual(
        loads.toSorted((one, other) => one - other),
        [2, 5, 5],
      );
    });

    test(`${algorithm}: above their bound members are still better than nobody`, () => {
      const made = group("a:50 b c:90");
      const picker = createPicker(made, { ...choice, boundedLoadPercent: 100 });
      const request = pickRequest({ key: "k", closed: (slot) => slot === made.slotOf("b") });
      assert.match(made.nameOf(picker.pick(request)), /^[ac]$/);
    });

    test(`${algorithm}: a bound below 100 counts as 100`, () => {
      const made = group("a b");
      const low = createPicker(made, { ...choice, boundedLoadPercent: 1 });
      made.facts.inFlight[low.pick(pickRequest({ key: "k" }))]!++;
      const second = low.pick(pickRequest({ key: "k" }));
      assert.equal(made.facts.inFlight[second], 0);
    });
  }

  test("maglev: requests without a key go anywhere", () => {
    const made = evenGroup(5);
    const picker = createPicker(made, maglev);
    const picks = new Set(Array.from({ length: 200 }, () => picker.pick(pickRequest())));
    assert.equal(picks.size, 5);
  });

  test("ketama: requests without a key take turns, as in nginx", () => {
    const made = group("a b c");
    const policy = hash({ ...ketama, nameOf: made.nameOf });
    const picker = policy.createPicker(made.members, made.facts, scriptedRandom());
    const picks = Array.from({ length: 4 }, () => made.nameOf(picker.pick(pickRequest())));
    assert.equal(picks.join(" "), "a b c a");
  });

  test("maglev: the size of the group, not of the membership, sizes the table", () => {
    const made = evenGroup(700);
    const settings = { ...maglev, nameOf: made.nameOf, groupSize: 700 };
    const all = hash(settings).createPicker(made.members, made.facts, seededRandom(1));
    const some = made.members.slice(0, 650);
    const rest = hash(settings).createPicker(some, made.facts, seededRandom(1));
    let moved = 0;
    for (let key = 0; key < 2_000; key++) {
      const request = pickRequest({ key: `k${key}` });
      const slot = all.pick(request);
      if (some.includes(slot) && rest.pick(request) !== slot) moved++;
    }
    assert.ok(moved < 300, `${moved} of 2000 moved`);
  });

  const locks = [
    { choice: maglev, exclusive: false },
    { choice: { ...maglev, boundedLoadPercent: 150 }, exclusive: true },
    { choice: ketama, exclusive: true },
  ];
  for (const { choice, exclusive } of locks) {
    test(`${choice.algorithm} bounded by ${choice.boundedLoadPercent}: exclusive ${exclusive}`, () => {
      assert.equal(hash({ ...choice, nameOf: String }).exclusive, exclusive);
    });
  }
});
