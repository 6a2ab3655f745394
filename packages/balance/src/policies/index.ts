/** All policies by the words of the configuration. */
import type { Policy } from "../policy.ts";
import { first } from "./first.ts";
import { hash } from "./hash.ts";
import { ipHash } from "./ip-hash.ts";
import { leastConn } from "./least-conn.ts";
import { leastTime } from "./least-time.ts";
import { random } from "./random.ts";
import { roundRobin } from "./round-robin.ts";
import { twoChoices } from "./two-choices.ts";

/** Factories: settings that were checked elsewhere in, a policy out. Add your own beside them. */
export const policies = {
  round_robin: roundRobin,
  random,
  least_conn: leastConn,
  two_choices: twoChoices,
  least_time: leastTime,
  ip_hash: ipHash,
  hash,
  first,
} as const satisfies Record<string, (settings: never) => Policy>;

/** The words of the configuration. */
export type PolicyName = keyof typeof policies;
