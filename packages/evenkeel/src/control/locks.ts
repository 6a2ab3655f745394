/** Who may act on what: one lock per object, shared by plans, drills, the supervisor's operations and
 * the operator. */
import type { Locks } from "../recovery/contract.ts";

interface Held {
  readonly owner: string;
  readonly names: readonly string[];
  readonly lost: AbortController;
}

/** Locks over names. A process covers its instances (`NAME.1`), an upstream its endpoints
 * (`UPSTREAM/ADDRESS`). `namesOf` gives all names by which an object is known, its own first: an
 * instance is the endpoint that stands for it as well, an upstream its members' instances. */
export function createLocks(namesOf: (object: string) => readonly string[]): Locks {
  const held = new Set<Held>();

  const standingInTheWay = (object: string): readonly Held[] => {
    const wanted = namesOf(object);
    return [...held].filter(({ names }) => overlap(wanted, names));
  };

  return {
    take(object, owner) {
      if (standingInTheWay(object).length > 0) return undefined;
      const mine: Held = { owner, names: namesOf(object), lost: new AbortController() };
      held.add(mine);
      return { lost: mine.lost.signal, release: () => void held.delete(mine) };
    },
    holder: (object) => standingInTheWay(object)[0]?.owner,
    seize(object, who) {
      for (const loser of standingInTheWay(object)) {
        held.delete(loser);
        loser.lost.abort(new Error(`${who} took over ${loser.names[0]}`));
      }
    },
  };
}

function overlap(some: readonly string[], others: readonly string[]): boolean {
  return some.some((one) => others.some((other) => isCovered(one, other) || isCovered(other, one)));
}

/** Whether `whole` is `part` or what `part` is one of. */
function isCovered(part: string, whole: string): boolean {
  if (part === whole) return true;
  if (part.startsWith(`${whole}/`)) return true;
  const dot = part.lastIndexOf(".");
  return dot > 0 && part.slice(0, dot) === whole && /^\d+$/.test(part.slice(dot + 1));
}
