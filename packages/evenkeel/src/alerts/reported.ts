/** Which reports receivers were already given; kept over restarts, so that none is told twice. */
import type { Memory } from "../history/contract.ts";

const SPACE = "alert_reports";
const KEY = "given";

/** The newest are remembered. */
const MAX_REPORTS = 200;

export interface Reported {
  load(): void;
  has(receiver: string, key: string): boolean;
  add(receiver: string, key: string): void;
}

/** Nothing reported, until `load`. */
export function createReported(memory: Memory): Reported {
  let given: string[] = [];
  const idOf = (receiver: string, key: string): string => `${receiver} ${key}`;
  return {
    load() {
      given = [...((memory.get(SPACE, KEY) as readonly string[] | undefined) ?? [])];
    },
    has: (receiver, key) => given.includes(idOf(receiver, key)),
    add(receiver, key) {
      given = [...given.slice(1 - MAX_REPORTS), idOf(receiver, key)];
      memory.set(SPACE, KEY, given);
    },
  };
}
