/** The guard rails: whether a plan may begin, and what stands in its way. Pure. */
import { formatDuration } from "../lib/duration.ts";
import type {
  ActionSettings,
  PlanLimits,
  PlanSettings,
  RecoverySettings,
} from "../snapshot/plan-settings.ts";
import type { ObjectFacts } from "./contract.ts";

export type Rule =
  | "frozen"
  | "locked"
  | "starting"
  | "attempts"
  | "concurrency"
  | "cooldown"
  | "blast_radius"
  | "rate"
  | "history";

/** `wait` passes by itself; `page`: a person is needed; `quiet`: a person has been told or is at it. */
export interface Refusal {
  readonly rule: Rule;
  /** One plain sentence. */
  readonly sentence: string;
  readonly answer: "wait" | "page" | "quiet";
}

/** What a decision rests on. */
export interface GuardFacts {
  readonly nowMs: number;
  readonly object: string;
  readonly frozen: { readonly by: string; readonly reason: string } | undefined;
  /** Who else holds the lock of the object. */
  readonly holder: string | undefined;
  /** Who runs it is starting it. */
  readonly isStarting: boolean;
  /** Runs within the incident so far. */
  readonly attempts: number;
  /** Runs of the plan now. */
  readonly running: number;
  /** Of the plan's last run on the object. */
  readonly lastEndedAtMs: number | undefined;
  /** Runs of the plan that began within its rate's window. */
  readonly runsInWindow: number;
  /** Of each step that takes something out, in order. */
  readonly takings: readonly Taking[];
}

/** What a step would take out of its group. */
export interface Taking {
  readonly object: string;
  readonly facts: ObjectFacts;
  /** Of the same group: under repair by another run and not counted as out yet. */
  readonly busy: number;
  readonly count: number;
}

/** Undefined: it may begin. The first rule that forbids it is told. `byHand`: an operator asks, whom
 * only other holders, concurrency and the blast radius stop. */
export function refusalOf(
  { limits }: Pick<PlanSettings, "limits">,
  facts: GuardFacts,
  byHand = false,
): Refusal | undefined {
  const always = [locked, concurrency, blastRadius];
  const rules = byHand
    ? always
    : [frozen, locked, attempts, starting, concurrency, cooldown, blastRadius, rate];
  for (const rule of rules) {
    const refusal = rule(limits, facts);
    if (refusal) return refusal;
  }
  return undefined;
}

function frozen(_limits: PlanLimits, { frozen }: GuardFacts): Refusal | undefined {
  if (!frozen) return undefined;
  const sentence = `all plans are frozen by ${frozen.by}: ${frozen.reason}`;
  return { rule: "frozen", sentence, answer: "quiet" };
}

function locked(_limits: PlanLimits, { holder, object }: GuardFacts): Refusal | undefined {
  if (holder === undefined) return undefined;
  return { rule: "locked", sentence: `${holder} is at work on ${object}`, answer: "wait" };
}

function attempts({ maxAttempts }: PlanLimits, { attempts }: GuardFacts): Refusal | undefined {
  if (attempts < maxAttempts) return undefined;
  const times = attempts === 1 ? "once" : `${attempts} times`;
  const sentence = `it was tried ${times} and did not help (max_attempts ${maxAttempts})`;
  return { rule: "attempts", sentence, answer: "page" };
}

/** Or a plan would end over and over what is only slow to begin. It ends in being ready or in a failure,
 * at the latest by the process's own time-out. */
function starting(_limits: PlanLimits, { isStarting, object }: GuardFacts): Refusal | undefined {
  if (!isStarting) return undefined;
  return { rule: "starting", sentence: `${object} is only just being started`, answer: "wait" };
}

function concurrency(limits: PlanLimits, { running }: GuardFacts): Refusal | undefined {
  if (running < limits.maxConcurrent) return undefined;
  const sentence = `${running} of its runs are under way (max_concurrent ${limits.maxConcurrent})`;
  return { rule: "concurrency", sentence, answer: "wait" };
}

function cooldown({ cooldownMs }: PlanLimits, facts: GuardFacts): Refusal | undefined {
  const { lastEndedAtMs, nowMs, object } = facts;
  if (lastEndedAtMs === undefined || nowMs - lastEndedAtMs >= cooldownMs) return undefined;
  const written = formatDuration(cooldownMs);
  const sentence = `its last run on ${object} ended less than ${written} ago (cooldown)`;
  return { rule: "cooldown", sentence, answer: "wait" };
}

function rate({ rate }: PlanLimits, { runsInWindow }: GuardFacts): Refusal | undefined {
  if (runsInWindow < rate.count) return undefined;
  const written = `${rate.count} in ${formatDuration(rate.windowMs)}`;
  const sentence = `it ran ${runsInWindow} times of late (rate ${written})`;
  return { rule: "rate", sentence, answer: "page" };
}

function blastRadius(limits: PlanLimits, { takings }: GuardFacts): Refusal | undefined {
  for (const taking of takings) {
    const sentence = beyondBlastRadius(limits, taking);
    if (sentence !== undefined) return { rule: "blast_radius", sentence, answer: "page" };
  }
  return undefined;
}

/** Why so much may not be taken out; undefined: it may. What is out already counts, whoever took it
 * out and why. */
export function beyondBlastRadius(limits: PlanLimits, taking: Taking): string | undefined {
  const { object, facts, busy, count } = taking;
  if (count === 0) return undefined;
  const allowed = allowedOut(limits.maxUnavailable, facts.total);
  const before = facts.out + busy;
  const after = before + (count === 1 && facts.isOut && !isGroup(facts) ? 0 : count);
  if (after <= allowed) return undefined;
  return (
    `${before} of ${facts.total} of ${facts.group} are out or under repair; with ${object} it ` +
    `would be ${after}, and max_unavailable allows ${allowed}`
  );
}

/** At least one for a share, or a plan could never act on a small group. */
export function allowedOut(limit: PlanLimits["maxUnavailable"], total: number): number {
  if ("count" in limit) return limit.count;
  return Math.max(1, Math.floor((total * limit.percent) / 100));
}

/** How many more of its group an action takes out while it is at work or after it. Restarts of a
 * whole process go one by one. */
export function takes(action: ActionSettings, facts: ObjectFacts): number {
  const all = isGroup(facts) ? facts.total - facts.out : 1;
  switch (action.action) {
    case "restart_service":
    case "rollback":
      return 1;
    case "drain":
    case "eject":
      return all;
    case "set_weight":
      return action.weight === 0 ? all : 0;
    case "scale": {
      const now = facts.instances ?? facts.total;
      const wanted = action.exact ? action.change : now + action.change;
      return Math.max(0, now - wanted);
    }
    case "undrain":
    case "verify_health":
    case "verify":
    case "run":
    case "http":
    case "wait":
    case "notify":
    case "approve":
      return 0;
  }
}

function isGroup({ kind }: ObjectFacts): boolean {
  return kind === "process" || kind === "upstream";
}

/** Why all plans are to be frozen before one more begins; undefined: no reason. A group of one has no
 * share that could be healthy. */
export function freezeReason(
  freeze: RecoverySettings["freeze"],
  facts: { readonly runs: number; readonly group: ObjectFacts | undefined },
): string | undefined {
  const { runs, group } = facts;
  if (runs >= freeze.runs) {
    return `${runs} runs within ${formatDuration(freeze.windowMs)} (freeze_after)`;
  }
  if (!group || group.total < 2) return undefined;
  const healthy = ((group.total - group.out) / group.total) * 100;
  if (healthy >= freeze.unhealthyPercent) return undefined;
  return (
    `${group.total - group.out} of ${group.total} of ${group.group} are left, less than ` +
    `${freeze.unhealthyPercent} % (freeze_below): that is more than one plan can mend`
  );
}
