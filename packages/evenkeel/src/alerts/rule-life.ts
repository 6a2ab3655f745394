/** The life of the alerts of one rule: pending, firing, resolved. Pure. */
import type { ConditionState, SignalSubject } from "../signals/contract.ts";

/** One subject of one rule. */
export interface RuleLife {
  readonly subject: SignalSubject;
  readonly state: "pending" | "firing";
  /** When it came to this state. */
  readonly sinceMs: number;
  /** When the trouble began. */
  readonly startedAtMs: number;
  /** The last look that found the condition true, or met. */
  readonly lastTrueAtMs: number;
  /** The last look that knew of the subject. */
  readonly lastSeenAtMs: number;
  readonly explanation: string;
}

/** By subject; see `subjectKey`. */
export type RuleLives = ReadonlyMap<string, RuleLife>;

export interface RuleStep {
  readonly lives: RuleLives;
  readonly began: readonly RuleLife[];
  readonly ended: readonly RuleLife[];
  /** Subjects that were not taken up, since there are too many. */
  readonly dropped: number;
}

/** What a rule says about one subject stays after it is gone for so long: an instance that is being
 * replaced is not a trouble that is over. */
const GONE_AFTER_MS = 60_000;

/** `upstream=api,endpoint=10.0.0.1:80`; empty where the condition speaks of nothing in particular. */
export function subjectKey(subject: SignalSubject): string {
  return Object.entries(subject)
    .map(([name, value]) => `${name}=${String(value)}`)
    .toSorted()
    .join(",");
}

/** What one look makes of it. Unknown changes nothing. What fires goes on while the condition is met
 * at all: its `for` is asked only at the beginning, so that a restart ends nothing. */
export function step(
  lives: RuleLives,
  look: readonly ConditionState[],
  nowMs: number,
  limits: { readonly keepFiringMs: number; readonly maxSubjects: number },
): RuleStep {
  const next = new Map(lives);
  const began: RuleLife[] = [];
  const ended: RuleLife[] = [];
  let dropped = 0;
  for (const state of look) {
    const key = subjectKey(state.subject);
    const before = next.get(key);
    if (!before && next.size >= limits.maxSubjects && isMet(state)) {
      dropped++;
      continue;
    }
    const after = advance(before, state, nowMs, limits.keepFiringMs);
    if (after) next.set(key, after);
    else next.delete(key);
    if (after?.state === "firing" && before?.state !== "firing") began.push(after);
    if (!after && before?.state === "firing") ended.push(before);
  }
  for (const [key, life] of next) {
    if (!isGone(life, look, nowMs)) continue;
    next.delete(key);
    if (life.state === "firing") ended.push(life);
  }
  return { lives: next, began, ended, dropped };
}

/** True, or on the way there: the condition holds, but not yet long enough. */
function isMet({ truth, firstTrueAtMs }: ConditionState): boolean {
  return truth === "true" || (truth === "false" && firstTrueAtMs !== undefined);
}

function advance(
  before: RuleLife | undefined,
  look: ConditionState,
  nowMs: number,
  keepFiringMs: number,
): RuleLife | undefined {
  if (look.truth === "unknown") return before && { ...before, lastSeenAtMs: nowMs };
  const { subject, explanation } = look;
  if (isMet(look)) {
    const state = look.truth === "true" || before?.state === "firing" ? "firing" : "pending";
    const startedAtMs = before?.startedAtMs ?? look.firstTrueAtMs ?? look.sinceMs;
    const sinceMs = before?.state === state ? before.sinceMs : nowMs;
    const seen = { lastTrueAtMs: nowMs, lastSeenAtMs: nowMs };
    return { subject, state, sinceMs, startedAtMs, ...seen, explanation };
  }
  const stays = before?.state === "firing" && nowMs - before.lastTrueAtMs < keepFiringMs;
  return stays ? { ...before, lastSeenAtMs: nowMs } : undefined;
}

/** Not there for a while, though the look knew what it was talking about. */
function isGone(life: RuleLife, look: readonly ConditionState[], nowMs: number): boolean {
  if (life.lastSeenAtMs === nowMs) return false;
  if (life.state === "firing" && nowMs - life.lastSeenAtMs < GONE_AFTER_MS) return false;
  return !look.some(({ truth, subject }) => truth === "unknown" && covers(subject, life.subject));
}

function covers(wide: SignalSubject, narrow: SignalSubject): boolean {
  const known: Readonly<Record<string, string | undefined>> = { ...narrow };
  return Object.entries(wide).every(([name, value]) => known[name] === value);
}
