/** The differential test of the policies that nginx has too: long random lives, pick by pick. */
import assert from "node:assert/strict";
import { test } from "node:test";

import * as fc from "fast-check";

import { isHeldBack, noteFailure, notePick, noteSuccess } from "../nginx-failures.ts";
import type { PickRequest, Policy } from "../policy.ts";
import { penalize } from "../smooth-weights.ts";
import { evenGroup, pickRequest, seededRandom } from "./fixtures.ts";
import { modelRequest, peer, settleModel, type ModelRequest, type Peer } from "./nginx-model.ts";

type Model = (
  peers: readonly Peer[],
  request: ModelRequest,
  now: number,
  client: number,
) => Peer | undefined;

/** How a hashing policy is asked about client number n, on both sides. */
export interface Clients {
  keyOf(client: number): string;
  /** The model's hash before the first attempt. */
  startOf(client: number): number;
}

interface Attempt {
  readonly failed: boolean;
  /** Stays in flight instead of ending before the next pick. */
  readonly lasting: boolean;
}

type Step =
  | { readonly kind: "request"; readonly client: number; readonly attempts: readonly Attempt[] }
  | { readonly kind: "later"; readonly seconds: number }
  | { readonly kind: "settle"; readonly failed: boolean }
  | { readonly kind: "toggle"; readonly index: number };

const attempt = fc.record({ failed: fc.boolean(), lasting: fc.boolean() });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("request" as const),
      client: fc.nat(1_000_000),
      attempts: fc.array(attempt, { minLength: 1, maxLength: 5 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("later" as const), seconds: fc.nat(15) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("settle" as const), failed: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("toggle" as const), index: fc.nat(7) }) },
);
const endpoint = fc.record({
  weight: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 9 })),
  maxFails: fc.constantFrom(0, 1, 1, 2, 3),
});

/** Compares picks, running weights and effective weights after every attempt. Endpoints that are
 * toggled out leave the membership here and are marked `down` there, unless `keepsMembers`. */
export function describeLikeNginx(
  name: string,
  policyOf: (group: ReturnType<typeof evenGroup>, weights: readonly number[]) => Policy,
  model: Model,
  clients?: Clients,
  { keepsMembers = false, runs = 400 } = {},
): void {
  test(`${name} picks what nginx picks through failures, retries, time and membership`, () => {
    const property = fc.property(
      fc.array(endpoint, { minLength: 2, maxLength: 8, size: "max" }),
      fc.array(step, { minLength: 1, maxLength: 60, size: "max" }),
      (endpoints, steps) => {
        const life = createLife(endpoints, policyOf, model, clients);
        for (const each of steps) if (!keepsMembers || each.kind !== "toggle") life.take(each);
      },
    );
    fc.assert(property, { seed: 7, numRuns: runs });
  });
}

function createLife(
  endpoints: readonly { weight: number; maxFails: number }[],
  policyOf: Parameters<typeof describeLikeNginx>[1],
  model: Model,
  clients: Clients | undefined,
) {
  const group = evenGroup(endpoints.length);
  const { facts, members } = group;
  const columns = {
    fails: new Int32Array(facts.weight.length),
    accessedS: new Float64Array(facts.weight.length),
    checkedS: new Float64Array(facts.weight.length),
  };
  const peers = endpoints.map(({ weight, maxFails }, index) => {
    facts.weight[members[index]!] = weight;
    return peer(`${group.names[index]!}:80`, weight, { maxFails });
  });
  const policy = policyOf(
    group,
    endpoints.map(({ weight }) => weight),
  );
  const slotOf = (one: Peer): number => members[peers.indexOf(one)]!;
  const createPicker = () => {
    const eligible = members.filter((_, index) => !peers[index]!.down);
    return eligible.length === 0
      ? undefined
      : policy.createPicker(eligible, facts, seededRandom(1));
  };
  const lasting: Peer[] = [];
  let picker = createPicker();
  let nowS = 1_000;

  const settle = (one: Peer, failed: boolean): void => {
    const slot = slotOf(one);
    settleModel(one, failed, nowS);
    facts.inFlight[slot] = facts.inFlight[slot]! - 1;
    if (failed) {
      noteFailure(columns, slot, one.maxFails, nowS * 1000 + 999);
      penalize(facts, slot, one.maxFails);
    } else noteSuccess(columns, slot);
  };
  const closed = (slot: number): boolean => {
    const { maxFails, failTimeout } = peers[members.indexOf(slot)]!;
    return isHeldBack(columns, slot, maxFails, failTimeout * 1000, nowS * 1000 + 1);
  };
  const compare = (picked: number, expected: Peer | undefined): void => {
    assert.equal(picked, expected === undefined ? -1 : slotOf(expected));
    for (const one of peers) {
      assert.equal(facts.currentWeight[slotOf(one)], one.current, `running weight of ${one.name}`);
      const effective = one.weight - facts.penalty[slotOf(one)]!;
      assert.equal(effective, one.effective, `effective weight of ${one.name}`);
      assert.equal(columns.fails[slotOf(one)], one.fails, `fails of ${one.name}`);
      assert.equal(columns.checkedS[slotOf(one)], one.checked, `checked of ${one.name}`);
    }
  };
  const pickOnce = (request: PickRequest, client: number, state: ModelRequest) => {
    const picked = picker === undefined ? -1 : picker.pick(request);
    if (picked !== -1) {
      notePick(columns, picked, 10_000, nowS * 1000 + 500);
      facts.inFlight[picked] = facts.inFlight[picked]! + 1;
    }
    const expected = model(peers, state, nowS, client);
    if (expected !== undefined) expected.conns++;
    compare(picked, expected);
    return expected;
  };
  const send = (client: number, attempts: readonly Attempt[]): void => {
    const state = modelRequest(clients?.startOf(client));
    const tried: number[] = [];
    for (const { failed, lasting: stays } of attempts) {
      const key = clients?.keyOf(client) ?? "";
      const request = pickRequest({ key, tried: tried.length > 0 ? tried : undefined, closed });
      const got = pickOnce(request, client, state);
      if (got === undefined) return;
      tried.push(slotOf(got));
      if (stays) lasting.push(got);
      else settle(got, failed);
    }
  };

  return {
    take(each: Step): void {
      if (each.kind === "later") nowS += each.seconds;
      else if (each.kind === "request") send(each.client, each.attempts);
      else if (each.kind === "settle") {
        const one = lasting.shift();
        if (one !== undefined) settle(one, each.failed);
      } else {
        const one = peers[each.index % peers.length]!;
        one.down = !one.down;
        picker = createPicker();
      }
    },
  };
}
