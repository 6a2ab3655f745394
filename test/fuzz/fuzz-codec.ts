/** The fuzzing loop: messages that showed something new become seeds of others. */
import { requestCases, responseCases } from "../corpus/index.ts";
import { InvariantChecker, type MessageKind } from "./invariants.ts";
import { mutate, SeededRandom } from "./mutation.ts";

export interface FuzzReport {
  readonly executions: number;
  readonly accepted: number;
  /** Accepted ones that Node's parser read too. */
  readonly compared: number;
  readonly features: number;
  readonly seeds: number;
  readonly findings: readonly Finding[];
}

/** A message that broke an invariant. */
export interface Finding {
  readonly kind: MessageKind;
  readonly bytes: Buffer;
  readonly error: unknown;
}

/** Enough to work on; more of them are mostly the same one. */
const MOST_FINDINGS = 10;
/** Seeds beyond this replace older ones at random. */
const MOST_SEEDS = 20_000;

/** Runs until `isOver`, asked before each message, says so. The same seed gives the same messages. */
export function fuzzCodec(seed: number, isOver: (executions: number) => boolean): FuzzReport {
  const random = new SeededRandom(seed);
  const checker = new InvariantChecker();
  const pools = createPools();
  const features = new Set<number>();
  const findings: Finding[] = [];
  let executions = 0;
  while (!isOver(executions) && findings.length < MOST_FINDINGS) {
    const [kind, pool] = random.pick(pools);
    const bytes = mutate(random, random.pick(pool), random.pick(pool));
    executions++;
    try {
      const before = features.size;
      for (const feature of checker.check(kind, bytes, random)) features.add(feature);
      if (features.size > before) keep(random, pool, bytes);
    } catch (error) {
      findings.push({ kind, bytes, error });
    }
  }
  const seeds = pools.reduce((sum, [, pool]) => sum + pool.length, 0);
  const { accepted, compared } = checker;
  return { executions, accepted, compared, features: features.size, seeds, findings };
}

function createPools(): [MessageKind, Buffer[]][] {
  const isShort = (bytes: Buffer): boolean => bytes.length < 1500;
  const requests = requestCases.map((one) => one.bytes).filter(isShort);
  const answers = (wasHead: boolean): Buffer[] =>
    responseCases
      .filter((one) => one.requestWasHead === wasHead)
      .map((one) => one.bytes)
      .filter(isShort);
  return [
    ["request", requests],
    ["response", answers(false)],
    ["answer to HEAD", answers(true)],
  ];
}

function keep(random: SeededRandom, pool: Buffer[], bytes: Buffer): void {
  if (pool.length < MOST_SEEDS) pool.push(bytes);
  else pool[random.below(pool.length)] = bytes;
}
