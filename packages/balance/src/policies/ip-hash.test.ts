import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { describePolicyContract, group, pickRequest, seededRandom } from "../testing/index.ts";
import { describeLikeNginx } from "../testing/like-nginx.ts";
import { ipHashModel } from "../testing/nginx-model.ts";
import { ipHash } from "./ip-hash.ts";

const octetsOf = (client: number) => [client % 256, (client >> 8) % 256, (client >> 16) % 256];

describePolicyContract("ip_hash", () => ipHash());
describeLikeNginx(
  "ip_hash",
  ({ members }, weights) =>
    ipHash({ places: members.map((slot, index) => ({ slot, weight: weights[index]! })) }),
  (peers, request, now, client) => ipHashModel(peers, request, octetsOf(client), now),
  { keyOf: (client) => `${octetsOf(client).join(".")}.9`, startOf: () => 89 },
);

describe("ip_hash", () => {
  const pickerOf = (of: string, places?: { slot: number; weight: number }[]) => {
    const made = group(of);
    const policy = places === undefined ? ipHash() : ipHash({ places });
    const picker = policy.createPicker(made.members, made.facts, seededRandom(1));
    return (key: string) => made.nameOf(picker.pick(pickRequest({ key })));
  };

  test("clients of one IPv4 network of 256 go together", () => {
    const pick = pickerOf("a b c d e");
    const picks = new Set(Array.from({ length: 256 }, (_, last) => pick(`198.51.100.${last}`)));
    assert.equal(picks.size, 1);
  });

  test("networks spread over the members by weight", () => {
    const pick = pickerOf("a b*3");
    let onA = 0;
    for (let third = 0; third < 256; third++) {
      for (let second = 0; second < 16; second++)
        if (pick(`10.${second}.${third}.1`) === "a") onA++;
    }
    assert.ok(onA > 900 && onA < 1_150, `a has ${onA} of 4096, a quarter of the weight`);
  });

  test("all sixteen octets of an IPv6 address count", () => {
    const pick = pickerOf("a b c d e");
    const picks = new Set(Array.from({ length: 40 }, (_, last) => pick(`2001:db8::${last}`)));
    assert.equal(picks.size, 5);
  });

  test("a client without an IP address counts as 0.0.0", () => {
    const pick = pickerOf("a b c d e");
    assert.equal(pick("unix:"), pick("0.0.0.7"));
  });

  test("an endpoint that is no member now moves nobody else's clients", () => {
    const made = group("a b*2 c");
    const places = made.members.map((slot) => ({ slot, weight: made.facts.weight[slot]! }));
    const all = ipHash({ places }).createPicker(made.members, made.facts, seededRandom(1));
    const rest = ipHash({ places }).createPicker(
      [made.slotOf("a"), made.slotOf("c")],
      made.facts,
      seededRandom(1),
    );
    let moved = 0;
    for (let network = 0; network < 1_000; network++) {
      const request = pickRequest({ key: `10.${network >> 8}.${network % 256}.1` });
      const before = made.nameOf(all.pick(request));
      const after = made.nameOf(rest.pick(request));
      if (before === "b") moved++;
      else assert.equal(after, before);
    }
    assert.ok(moved > 400, `${moved} of 1000 were b's`);
  });

  test("falls back to the members where none of them has a place", () => {
    const pick = pickerOf("a b", [{ slot: 0, weight: 9 }]);
    const picks = new Set(Array.from({ length: 40 }, (_, network) => pick(`10.0.${network}.1`)));
    assert.deepEqual([...picks].sort(), ["a", "b"]);
  });

  for (const notation of ["a*0 b*0", "a*65535 b*65535 c*65535", "a*0.2 b*0.4"]) {
    test(`weights at the edge still give a member: "${notation}"`, () => {
      assert.match(pickerOf(notation)("203.0.113.9"), /^[abc]$/);
    });
  }

  test("is exclusive", () => assert.equal(ipHash().exclusive, true));
});
