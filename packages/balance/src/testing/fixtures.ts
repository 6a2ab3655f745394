/** Groups of endpoints in a mini-notation, and controlled randomness, for tests of policies. */
import type { EndpointFacts, PickRequest, Random } from "../policy.ts";

/** A group of endpoints with the names that a test speaks of. */
export interface Group {
  /** Slots in configuration order; deliberately neither adjacent nor ascending from zero. */
  readonly members: readonly number[];
  readonly facts: EndpointFacts;
  readonly names: readonly string[];
  /** "" for -1, so that a test can compare with the empty name for nobody. */
  readonly nameOf: (slot: number) => string;
  /** Throws on a name that is not there. */
  readonly slotOf: (name: string) => number;
}

const SLOT_START = 3;
const SLOT_STEP = 2;
const ENDPOINT = /^([^*:@]+)(?:\*([\d.]+))?(?::(\d+))?(?:@(\d+))?$/;

/** Reads "a b*4:2 c:1@900": names, then weight (`*`, 1), requests in flight (`:`, 0) and latency in
 * microseconds (`@`, unknown). `shared` puts the columns into shared memory, as a proxy has them. */
export function group(notation: string, { shared = false } = {}): Group {
  const parsed = notation.split(" ").map((word) => {
    const match = ENDPOINT.exec(word);
    if (match === null) throw new Error(`no endpoint: ${word}`);
    const [, name = "", weight = "1", inFlight = "0", latencyUs = "0"] = match;
    return { name, weight: Number(weight), inFlight: Number(inFlight), latencyUs: +latencyUs };
  });
  const made = evenGroup(parsed.length, { shared });
  const slots = new Map(parsed.map(({ name }, index) => [name, made.members[index]!]));
  const names = new Map([...slots].map(([name, slot]) => [slot, name]));
  for (const [index, { weight, inFlight, latencyUs }] of parsed.entries()) {
    const slot = made.members[index]!;
    made.facts.weight[slot] = weight;
    made.facts.inFlight[slot] = inFlight;
    made.facts.latencyUs[slot] = latencyUs;
  }
  return {
    ...made,
    names: [...slots.keys()],
    nameOf: (slot) => names.get(slot) ?? "",
    slotOf(name) {
      const slot = slots.get(name);
      if (slot === undefined) throw new Error(`no endpoint named ${name}`);
      return slot;
    },
  };
}

/** That many idle endpoints of weight 1, named e0, e1 and so on. */
export function evenGroup(count: number, { shared = false } = {}): Group {
  const members = Array.from({ length: count }, (_, index) => SLOT_START + index * SLOT_STEP);
  const rows = SLOT_START + count * SLOT_STEP;
  const bytes = (size: number) => (shared ? new SharedArrayBuffer(size) : new ArrayBuffer(size));
  const floats = () => new Float64Array(bytes(rows * 8));
  const facts = {
    inFlight: new Int32Array(bytes(rows * 4)),
    weight: floats(),
    currentWeight: floats(),
    penalty: floats(),
    latencyUs: floats(),
    latencyAtMs: floats(),
  };
  // Rows that belong to nobody hold what would show if a policy used an index for a slot.
  facts.weight.fill(1_000);
  for (const slot of members) facts.weight[slot] = 1;
  return {
    members,
    facts,
    names: members.map((_, index) => `e${index}`),
    nameOf: (slot) => (slot === -1 ? "" : `e${(slot - SLOT_START) / SLOT_STEP}`),
    slotOf: (name) => SLOT_START + Number(name.slice(1)) * SLOT_STEP,
  };
}

/** A first attempt with no key, nothing closed, at time 0, but for what is given. */
export function pickRequest(given: Partial<PickRequest> = {}): PickRequest {
  return { key: "", tried: undefined, closed: undefined, nowMs: 0, ...given };
}

/** Mulberry32: the same numbers for the same seed, on every machine. */
export function seededRandom(seed: number): Random {
  const state = Int32Array.of(seed);
  return () => {
    state[0] = state[0]! + 0x6d2b79f5;
    let mixed = state[0];
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

/** Gives these numbers in turn; asking for more is a test's mistake and throws. */
export function scriptedRandom(...numbers: readonly number[]): Random {
  let at = 0;
  return () => {
    const number = numbers[at++];
    if (number === undefined) throw new Error("more randomness asked for than the test gave");
    return number;
  };
}
