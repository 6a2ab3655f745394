/** All cases under way, remembered over a restart. */
import type { Memory } from "../history/contract.ts";
import type { Case } from "./case.ts";

export interface CaseBook {
  find(plan: string, object: string): Case | undefined;
  byIncident(incident: number): Case | undefined;
  all(): readonly Case[];
  /** Writes it where it differs from what is known. */
  save(one: Case): void;
  close(one: Case): void;
}

const SPACE = "recovery.cases";

/** With what was remembered. */
export function createCaseBook(memory: Memory): CaseBook {
  const cases = new Map<string, Case>();
  const keyOf = (plan: string, object: string): string => `${plan}\0${object}`;
  for (const [, value] of memory.all(SPACE)) {
    const one = value as Case;
    cases.set(keyOf(one.plan, one.object), one);
  }
  return {
    find: (plan, object) => cases.get(keyOf(plan, object)),
    byIncident: (incident) => [...cases.values()].find((one) => one.incident === incident),
    all: () => [...cases.values()],
    save(one) {
      const key = keyOf(one.plan, one.object);
      const before = cases.get(key);
      cases.set(key, one);
      if (JSON.stringify(before) !== JSON.stringify(one)) {
        memory.set(SPACE, String(one.incident), one);
      }
    },
    close(one) {
      cases.delete(keyOf(one.plan, one.object));
      memory.delete(SPACE, String(one.incident));
    },
  };
}
