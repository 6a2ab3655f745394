/** Who may act on what: one lock per object, shared by plans, drills, the supervisor's operations and
 * the operator. */
import type { Locks } from "../recovery/contract.ts";

interface Held {
  readonly owner: string;
  readonly lost: AbortController;
}

/** Locks over names. A process covers its instances (`NAME.1`), an upstream its endpoints
 * (`UPSTREAM/ADDRESS`). `sameAs` gives the one name of an object that has two, such as an instance
 * and the endpoint it is. */
export function createLocks(sameAs: (object: string) => string): Locks {
  const held = new Map<string, Held>();

  const standingInTheWay = (object: string): readonly string[] =>
    [...held.keys()].filter((other) => isCovered(object, other) || isCovered(other, object));

  return {
    take(object, owner) {
      const name = sameAs(object);
      if (standingInTheWay(name).length > 0) return undefined;
      const mine: Held = { owner, lost: new AbortController() };
      held.set(name, mine);
      return {
        lost: mine.lost.signal,
        release() {
          if (held.get(name) === mine) held.delete(name);
        },
      };
    },
    holder(object) {
      const [first] = standingInTheWay(sameAs(object));
      return first === undefined ? undefined : held.get(first)?.owner;
    },
    seize(object, who) {
      for (const name of standingInTheWay(sameAs(object))) {
        const loser = held.get(name);
        held.delete(name);
        loser?.lost.abort(new Error(`${who} took over ${name}`));
      }
    },
  };
}

/** Whether `whole` is `part` or what `part` is one of. */
function isCovered(part: string, whole: string): boolean {
  if (part === whole) return true;
  if (part.startsWith(`${whole}/`)) return true;
  const dot = part.lastIndexOf(".");
  return dot > 0 && part.slice(0, dot) === whole && /^\d+$/.test(part.slice(dot + 1));
}
