import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { describePolicyContract, group, pickRequest, seededRandom } from "../testing/index.ts";
import { describeLikeNginx } from "../testing/like-nginx.ts";
import { leastConnModel } from "../testing/nginx-model.ts";
import { leastConn } from "./least-conn.ts";

describePolicyContract("least_conn", leastConn);
describeLikeNginx("least_conn", leastConn, leastConnModel);

describe("least_conn", () => {
  const cases = [
    { picks: "b", when: "it carries least", of: "a:9 b:2 c:3" },
    { picks: "a", when: "its weight makes up for its load", of: "a*4:6 b:2" },
    { picks: "a", when: "all tie and it is earliest", of: "a:4 b:4" },
    { picks: "c", when: "it ties with b and weighs more", of: "a:5 b:1 c*2:2" },
    { picks: "b", when: "a, just as idle, is closed", of: "a b", closed: "a" },
    { picks: "c", when: "the least loaded was tried", of: "a:5 b c:3", tried: "b" },
  ];
  for (const { picks, when, of, closed = "", tried = "" } of cases) {
    test(`picks ${picks} when ${when}`, () => {
      const { members, facts, nameOf, slotOf } = group(of);
      const picker = leastConn().createPicker(members, facts, seededRandom(1));
      const request = pickRequest({
        tried: tried.split("").map(slotOf),
        closed: (slot) => closed.includes(nameOf(slot)),
      });
      assert.equal(nameOf(picker.pick(request)), picks);
    });
  }

  test("ties take turns", () => {
    const { members, facts, nameOf } = group("a*2 b c:1");
    const picker = leastConn().createPicker(members, facts, seededRandom(1));
    const picks = Array.from({ length: 6 }, () => nameOf(picker.pick(pickRequest())));
    assert.equal(picks.join(" "), "a b a a b a");
  });

  test("requests that stay settle in proportion to the weights", () => {
    const { members, facts } = group("a*3 b c*2");
    const picker = leastConn().createPicker(members, facts, seededRandom(1));
    for (let sent = 0; sent < 600; sent++) {
      const slot = picker.pick(pickRequest());
      facts.inFlight[slot] = facts.inFlight[slot]! + 1;
    }
    assert.deepEqual(
      members.map((slot) => facts.inFlight[slot]),
      [300, 100, 200],
    );
  });

  test("is exclusive", () => assert.equal(leastConn().exclusive, true));
});
