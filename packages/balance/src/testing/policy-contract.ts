/** What every policy promises, whatever it chooses by. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import * as fc from "fast-check";

import type { Policy } from "../policy.ts";
import { evenGroup, group, pickRequest, seededRandom, type Group } from "./fixtures.ts";

/** Builds the policy for a group, so that settings may speak of its endpoints. */
export type PolicyOf = (group: Group) => Policy;

/** Runs the suite. A policy of your own passes it before it goes into production. */
export function describePolicyContract(name: string, policyOf: PolicyOf): void {
  describe(`${name} as a policy`, () => {
    const start = (made: Group, seed = 1) =>
      policyOf(made).createPicker(made.members, made.facts, seededRandom(seed));

    for (const notation of ["a", "a b", "a b c", "a*5 b c*0.5", "a:3 b*4:2@90 c@10 d*65535"]) {
      test(`retries visit each member of "${notation}" once, then give up`, () => {
        const made = group(notation);
        const picker = start(made);
        const tried: number[] = [];
        for (const _ of made.members) {
          const slot = picker.pick(
            pickRequest({ key: "k", tried: tried.length ? tried : undefined }),
          );
          assert.ok(made.members.includes(slot), `${slot} is a member`);
          assert.ok(!tried.includes(slot), `${slot} was not tried`);
          tried.push(slot);
        }
        assert.equal(picker.pick(pickRequest({ key: "k", tried })), -1);
      });
    }

    test("picks an open, untried member exactly when there is one", () => {
      const weight = fc.constantFrom(1, 1, 1, 2, 7, 0.3, 20);
      const endpoint = fc.record({
        weight,
        inFlight: fc.nat(4),
        latencyUs: fc.constantFrom(0, 50, 9_000),
        tried: fc.boolean(),
        closed: fc.integer({ min: 0, max: 3 }).map((draw) => draw > 0),
      });
      const property = fc.property(
        fc.array(endpoint, { minLength: 1, maxLength: 40, size: "max" }),
        fc.string(),
        fc.integer(),
        (endpoints, key, seed) => {
          const made = evenGroup(endpoints.length);
          const out = new Set<number>();
          const tried: number[] = [];
          for (const [index, each] of endpoints.entries()) {
            const slot = made.members[index]!;
            made.facts.weight[slot] = each.weight;
            made.facts.inFlight[slot] = each.inFlight;
            made.facts.latencyUs[slot] = each.latencyUs;
            if (each.tried) tried.push(slot);
            if (each.closed) out.add(slot);
          }
          const open = made.members.filter((slot) => !tried.includes(slot) && !out.has(slot));
          const picker = start(made, seed);
          for (let turn = 0; turn < 3; turn++) {
            const slot = picker.pick(pickRequest({ key, tried, closed: (one) => out.has(one) }));
            if (open.length === 0) assert.equal(slot, -1);
            else assert.ok(open.includes(slot), `${slot} is one of ${open.join()}`);
          }
        },
      );
      fc.assert(property, { seed: 42, numRuns: 150 });
    });

    test("finds the one open member among a thousand", () => {
      const made = evenGroup(1_000);
      const picker = start(made);
      const lone = made.members[777]!;
      const request = pickRequest({ key: "k", closed: (slot) => slot !== lone });
      assert.equal(picker.pick(request), lone);
    });

    test("ignores tried slots that are no members", () => {
      const made = group("a b");
      const picker = start(made);
      for (let turn = 0; turn < 4; turn++) {
        assert.ok(made.members.includes(picker.pick(pickRequest({ key: "k", tried: [0, 1, 4] }))));
      }
    });

    test("writes nothing but its memory, and nothing where it finds nobody", () => {
      const made = group("a*2:1@80 b:2 c*9@7");
      const { facts } = made;
      const copy = () => structuredClone(facts);
      const before = copy();
      const picker = start(made);
      assert.equal(picker.pick(pickRequest({ key: "k", closed: () => true })), -1);
      assert.deepEqual(copy(), before);
      for (let turn = 0; turn < 20; turn++) picker.pick(pickRequest({ key: `k${turn}` }));
      const { currentWeight, penalty } = facts;
      assert.deepEqual({ ...before, currentWeight, penalty }, copy());
      for (let slot = 0; slot < currentWeight.length; slot++) {
        if (!made.members.includes(slot)) assert.equal(currentWeight[slot], 0, "of members only");
      }
    });

    test("keeps nothing of a request: a reused object gives the same picks as fresh ones", () => {
      const picks = (requestOf: (key: string) => ReturnType<typeof pickRequest>) => {
        const made = group("a*3 b c*2:1");
        const picker = start(made);
        return Array.from({ length: 30 }, (_, turn) => picker.pick(requestOf(`k${turn % 7}`)));
      };
      const reused = pickRequest();
      const fresh = picks((key) => pickRequest({ key }));
      const again = picks((key) => Object.assign(reused, { key }));
      assert.deepEqual(again, fresh);
    });

    test("works on shared memory", () => {
      const picks = (shared: boolean) => {
        const made = group("a*3 b c*2", { shared });
        const picker = start(made);
        return Array.from({ length: 30 }, (_, turn) =>
          picker.pick(pickRequest({ key: `${turn}` })),
        );
      };
      assert.deepEqual(picks(true), picks(false));
    });

    test("first attempts allocate nothing", () => {
      const made = evenGroup(20, { shared: true });
      for (const slot of made.members) made.facts.weight[slot] = 1 + (slot % 3);
      // A whole number, because V8 may box a fraction when one function hands it to another.
      const picker = policyOf(made).createPicker(made.members, made.facts, () => 0);
      const request = pickRequest({ key: "192.0.2.7" });
      const bytes = leastGrowth(8 * 10_000, () => {
        for (let turn = 0; turn < 10_000; turn++) picker.pick(request);
      });
      assert.ok(bytes < 8 * 10_000, `${bytes / 10_000} bytes a pick`);
    });
  });
}

/** Most runs of `work` before it counts as allocating. */
const MOST_RUNS = 300;

/** Heap growth of the best run, the first below `enough` at the latest: code that is not compiled yet
 * boxes numbers, and on a busy machine compiling takes its time. */
function leastGrowth(enough: number, work: () => void): number {
  let least = Infinity;
  for (let run = 0; run < MOST_RUNS && least >= enough; run++) {
    const before = process.memoryUsage().heapUsed;
    work();
    const grown = process.memoryUsage().heapUsed - before;
    // A collection in between shows as shrinking and says nothing.
    if (grown >= 0) least = Math.min(least, grown);
  }
  return least;
}
