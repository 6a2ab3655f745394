/** What one run is about, and how it writes into timeline and ledger. */
import type { History, LedgerEntry, TimelineEntry } from "../history/contract.ts";
import type { SignalSubject } from "../signals/contract.ts";
import type { PlanSettings } from "../snapshot/plan-settings.ts";

/** Everything a run goes on by; plain data, as the ledger keeps it. */
export interface RunFacts {
  readonly id: string;
  readonly plan: PlanSettings;
  readonly object: string;
  readonly subject: SignalSubject;
  readonly incident: number;
  /** What the trigger said. */
  readonly reason: string;
  /** An operator's name; undefined where the trigger began it. */
  readonly by: string | undefined;
  /** A person decides before the first step. */
  readonly asks: boolean;
  readonly startedAtMs: number;
  /** The ledger's entry of the run itself. */
  readonly entry: number;
}

/** Who the ledger says it is: runs of one plan are counted together. */
export const ownerOf = (plan: string): string => `plan:${plan}`;

/** Who the locks say it is: each run by itself. */
export const holderOf = ({ plan, id }: Pick<RunFacts, "plan" | "id">): string =>
  `plan ${plan.name} (run ${id.slice(0, 8)})`;

/** A line of the incident's timeline. */
export function noteOf(
  history: History,
  incident: number,
  nowMs: () => number,
): (kind: TimelineEntry["kind"], text: string) => void {
  return (kind, text) => history.incidents.note(incident, { atMs: nowMs(), kind, text });
}

/** The intent to begin a run; the deed comes after. Throws as `intend` does. */
export function intendRun(history: History, facts: Omit<RunFacts, "entry">, kind: string): number {
  const { id, plan, object, incident } = facts;
  return history.ledger.intend({
    kind,
    owner: ownerOf(plan.name),
    incident,
    run: id,
    object,
    intent: facts,
    undo: undefined,
    deadlineMs: facts.startedAtMs + longestMs(plan),
  });
}

/** The run of such an entry. */
export function runOf(entry: LedgerEntry): RunFacts {
  const facts = entry.intent as Omit<RunFacts, "entry">;
  return { ...facts, by: facts.by ?? undefined, entry: entry.id };
}

function longestMs({ steps, limits }: PlanSettings): number {
  const times = steps.map(({ timeoutMs, retries, verify }) => {
    const once = verify ? 2 * timeoutMs : timeoutMs;
    return once * (retries + 1);
  });
  return times.reduce((sum, ms) => sum + ms, limits.graceMs + limits.verifyWithinMs);
}
