/**
 * What one pick costs, per policy and number of endpoints.
 */
import {
  type EndpointFacts,
  hash,
  ipHash,
  first,
  leastConn,
  leastTime,
  type Picker,
  type PickRequest,
  type Policy,
  random,
  roundRobin,
  twoChoices,
} from "@evenkeel/balance";

import { median } from "../measure/statistics.ts";
import { fixed } from "../report/numbers.ts";
import type { Context, Figure } from "./figure.ts";

const SIZES = [3, 100, 10_000];
/** Requests out at any time: each pick adds one and ends the oldest. */
const IN_FLIGHT = 64;
const KEYS = Array.from(
  { length: 1_024 },
  (_, index) => `10.${index % 7}.${(index * 31) % 256}.${(index * 17) % 256}`,
);

interface Contestant {
  readonly name: string;
  readonly create: (size: number) => Policy;
}

const nameOf = (slot: number): string => `10.1.${slot >> 8}.${slot & 255}:8080`;
const contestants: readonly Contestant[] = [
  { name: "round_robin", create: roundRobin },
  { name: "random", create: random },
  { name: "least_conn", create: leastConn },
  { name: "two_choices", create: twoChoices },
  { name: "least_time", create: () => leastTime({ decayMs: 10_000 }) },
  { name: "ip_hash", create: () => ipHash({}) },
  {
    name: "hash (maglev)",
    create: (groupSize) => hash({ algorithm: "maglev", boundedLoadPercent: 0, nameOf, groupSize }),
  },
  {
    name: "hash (ketama)",
    create: (groupSize) => hash({ algorithm: "ketama", boundedLoadPercent: 0, nameOf, groupSize }),
  },
  { name: "first", create: first },
];

interface PickCost {
  readonly name: string;
  readonly size: number;
  readonly nsPerPick: number;
  readonly buildMs: number;
}

/** Every policy at 3, 100 and 10,000 endpoints of equal weight. */
export const pick: Figure = {
  name: "pick",
  title: "Cost of one pick, nanoseconds",
  needsPeers: false,
  async run(context) {
    const costs: PickCost[] = [];
    for (const contestant of contestants) {
      context.progress(contestant.name);
      for (const size of SIZES) costs.push(measurePolicy(context, contestant, size));
    }
    const costOf = (name: string, size: number): PickCost =>
      costs.find((cost) => cost.name === name && cost.size === size)!;
    return {
      tables: [
        {
          columns: [
            "policy",
            ...SIZES.map((size) => `${size} endpoints`),
            "growth 3 to 10,000",
            "build at 10,000, ms",
          ],
          rows: contestants.map(({ name }) => [
            name,
            ...SIZES.map((size) => fixed(costOf(name, size).nsPerPick, 0)),
            `${fixed(costOf(name, 10_000).nsPerPick / costOf(name, 3).nsPerPick, 1)}x`,
            fixed(costOf(name, 10_000).buildMs, 1),
          ]),
        },
      ],
      bars: [],
      notes: [
        `Equal weights, ${IN_FLIGHT} requests in flight throughout, 1,024 different keys; includes ` +
          "the loop around the pick (about 5 ns).",
        ...scanNote(costs),
      ],
      raw: costs,
    };
  },
};

/** Names the policies that grow faster than the logarithm of the number of endpoints. */
function scanNote(costs: readonly PickCost[]): string[] {
  const logarithmic = Math.log(10_000) / Math.log(3);
  const faster = contestants.filter(({ name }) => {
    const [few, many] = [3, 10_000].map(
      (size) => costs.find((cost) => cost.name === name && cost.size === size)!.nsPerPick,
    );
    return many! / few! > logarithmic;
  });
  if (faster.length === 0) return [];
  return [`Worse than O(log n): ${faster.map(({ name }) => name).join(", ")}.`];
}

function measurePolicy(context: Context, contestant: Contestant, size: number): PickCost {
  const facts = factsOf(size);
  const members = Array.from({ length: size }, (_, slot) => slot);
  const buildFrom = performance.now();
  const picker = contestant.create(size).createPicker(members, facts, seededRandom());
  const buildMs = performance.now() - buildFrom;
  const batch = calibrate(picker, facts);
  const rounds: number[] = [];
  for (let round = 0; round < Math.max(3, context.rounds); round++) {
    rounds.push(timePicks(picker, facts, batch));
  }
  return { name: contestant.name, size, nsPerPick: median(rounds), buildMs };
}

/** A number of picks that takes about 50 ms, found by doubling; also the warm-up. */
function calibrate(picker: Picker, facts: EndpointFacts): number {
  for (let batch = 1_000; ; batch *= 2) {
    if (timePicks(picker, facts, batch) * batch >= 50e6) return batch;
  }
}

/** Nanoseconds per pick. Throws on a pick that fails, which also keeps the result in use. */
function timePicks(picker: Picker, facts: EndpointFacts, count: number): number {
  const request: PickRequest = { key: "", tried: undefined, closed: undefined, nowMs: 0 };
  const out = new Int32Array(IN_FLIGHT).fill(-1);
  const { inFlight } = facts;
  const from = process.hrtime.bigint();
  for (let turn = 0; turn < count; turn++) {
    request.key = KEYS[turn & 1_023]!;
    request.nowMs = turn;
    const slot = picker.pick(request);
    if (slot < 0) throw new Error("no endpoint was picked");
    const oldest = out[turn & (IN_FLIGHT - 1)]!;
    if (oldest >= 0) inFlight[oldest] = inFlight[oldest]! - 1;
    out[turn & (IN_FLIGHT - 1)] = slot;
    inFlight[slot] = inFlight[slot]! + 1;
  }
  const ns = Number(process.hrtime.bigint() - from);
  inFlight.fill(0);
  return ns / count;
}

/** Columns in shared memory, as the product's are. */
function factsOf(size: number): EndpointFacts {
  const doubles = (): Float64Array => new Float64Array(new SharedArrayBuffer(size * 8));
  const next = seededRandom();
  return {
    inFlight: new Int32Array(new SharedArrayBuffer(size * 4)),
    weight: doubles().fill(1),
    currentWeight: doubles(),
    penalty: doubles(),
    latencyUs: doubles().map(() => 500 + next() * 1_000),
    latencyAtMs: doubles(),
  };
}

/** A xorshift generator: the same draws in every run. */
function seededRandom(): () => number {
  let state = 0x9e3779b9;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
