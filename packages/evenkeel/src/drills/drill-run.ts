/**
 * The course of one drill, as decisions: when faults may begin, when it must end, what it came to.
 * Pure: each look brings its time and what was seen.
 */
import type { ConditionState } from "../signals/contract.ts";
import type { DrillSettings } from "../snapshot/drill-settings.ts";
import type { DrillVerdict } from "./contract.ts";

/** `steadying`: nothing was done yet. `settling`: all faults are over, steadiness has to last. */
export type DrillPhase = "steadying" | "faulting" | "settling";

/** A drill under way. Times are of the wall clock; undefined: not yet. */
export interface DrillRun {
  readonly settings: DrillSettings;
  readonly startedAtMs: number;
  readonly phase: DrillPhase;
  /** When the faults' own times began to count. */
  readonly faultsFromMs: number | undefined;
  /** The first sign that somebody noticed. */
  readonly detectedAtMs: number | undefined;
  /** The last look at which it was not steady, since faults began. */
  readonly unsteadyAtMs: number | undefined;
  /** All faults are over since then. */
  readonly settlingSinceMs: number | undefined;
  /** Steady without a break since then. */
  readonly steadySinceMs: number | undefined;
}

/** What one look found. */
export interface DrillLook {
  readonly nowMs: number;
  /** Each condition with what it came to for everything it is of; empty lists are unknown. */
  readonly steady: readonly Seen[];
  readonly abort: readonly Seen[];
  /** Faults that have not ended. */
  readonly faultsLeft: number;
}

export interface Seen {
  readonly text: string;
  readonly states: readonly ConditionState[];
}

/** Why a drill ended. */
export interface DrillEnd {
  readonly verdict: DrillVerdict;
  readonly reasons: readonly string[];
}

/** How long steadiness may be waited for before anything is done. */
export const STEADY_PATIENCE_MS = 15_000;
/** How long it has to last at the end. */
export const SETTLED_MS = 3_000;

/** A drill that has done nothing yet. */
export function beginDrill(settings: DrillSettings, nowMs: number): DrillRun {
  return {
    settings,
    startedAtMs: nowMs,
    phase: "steadying",
    faultsFromMs: undefined,
    detectedAtMs: undefined,
    settlingSinceMs: undefined,
    unsteadyAtMs: undefined,
    steadySinceMs: undefined,
  };
}

/** The run after a look; `end` where it is over. A run that met its expectations or not ends as
 * `settled`: the judgement needs the traffic, see `judge`. */
export function advance(
  run: DrillRun,
  look: DrillLook,
): { readonly run: DrillRun; readonly end?: DrillEnd | "settled" } {
  const unsteady = look.steady.filter((seen) => !holds(seen));
  return run.phase === "steadying"
    ? steadying(run, look, unsteady)
    : underWay(run, look, unsteady.length === 0);
}

function steadying(
  run: DrillRun,
  { nowMs }: DrillLook,
  unsteady: readonly Seen[],
): ReturnType<typeof advance> {
  if (unsteady.length === 0) {
    return { run: { ...run, phase: "faulting", faultsFromMs: nowMs, steadySinceMs: nowMs } };
  }
  if (nowMs - run.startedAtMs < STEADY_PATIENCE_MS) return { run };
  const reasons = unsteady.map((seen) => `not steady: ${inWords(seen)}`);
  return { run, end: { verdict: "refused", reasons } };
}

function underWay(
  before: DrillRun,
  look: DrillLook,
  isSteady: boolean,
): ReturnType<typeof advance> {
  const { nowMs } = look;
  const run: DrillRun = {
    ...before,
    phase: look.faultsLeft > 0 ? "faulting" : "settling",
    settlingSinceMs: look.faultsLeft > 0 ? undefined : (before.settlingSinceMs ?? nowMs),
    unsteadyAtMs: isSteady ? before.unsteadyAtMs : nowMs,
    steadySinceMs: isSteady ? (before.steadySinceMs ?? nowMs) : undefined,
  };
  const alarm = look.abort.find(isTrue);
  if (alarm) {
    return { run, end: { verdict: "aborted", reasons: [`abort condition: ${inWords(alarm)}`] } };
  }
  if (hasSettled(run, nowMs)) return { run, end: "settled" };
  if (nowMs - run.faultsFromMs! < run.settings.maxDurationMs) return { run };
  const open = look.steady.filter((seen) => !holds(seen)).map((seen) => inWords(seen));
  const reasons = ["it was not over within max_duration", ...open.map((text) => `still: ${text}`)];
  return { run, end: { verdict: "failed", reasons } };
}

/** What a fault did may show a moment after it: steadiness has to last from its end. */
function hasSettled({ settlingSinceMs, steadySinceMs }: DrillRun, nowMs: number): boolean {
  if (settlingSinceMs === undefined || steadySinceMs === undefined) return false;
  return nowMs - Math.max(settlingSinceMs, steadySinceMs) >= SETTLED_MS;
}

/** Somebody noticed; only the first sign after the faults began counts. */
export function detected(run: DrillRun, atMs: number): DrillRun {
  if (run.faultsFromMs === undefined || run.detectedAtMs !== undefined) return run;
  return atMs < run.faultsFromMs ? run : { ...run, detectedAtMs: atMs };
}

/** From the beginning of the faults until it was noticed; undefined: never. */
export function detectedAfterMs(run: DrillRun): number | undefined {
  if (run.detectedAtMs === undefined || run.faultsFromMs === undefined) return undefined;
  return run.detectedAtMs - run.faultsFromMs;
}

/** From the beginning of the faults until it was steady for good; 0 where it always was, undefined
 * where it is not. */
export function recoveredAfterMs(run: DrillRun): number | undefined {
  if (run.faultsFromMs === undefined || run.steadySinceMs === undefined) return undefined;
  return run.unsteadyAtMs === undefined ? 0 : run.steadySinceMs - run.faultsFromMs;
}

/** What else the judgement rests on. */
export interface DrillEvidence {
  /** In the time of the drill, over everything. */
  readonly requests: number;
  readonly failed: number;
  /** The plan that healed it; undefined: none did. */
  readonly plan: string | undefined;
}

/** Whether a run that has settled did as expected; every expectation that was missed is a reason. */
export function judge(run: DrillRun, { requests, failed, plan }: DrillEvidence): DrillEnd {
  const { expect } = run.settings;
  const ratio = requests === 0 ? 0 : failed / requests;
  const missed = [
    late("detected", detectedAfterMs(run), expect.detectedWithinMs),
    late("recovered", recoveredAfterMs(run), expect.recoveredWithinMs),
    expect.errorRatio !== undefined && ratio > expect.errorRatio
      ? `${failed} of ${requests} requests failed (${percent(ratio)}); expected at most ${percent(expect.errorRatio)}`
      : undefined,
    expect.plan !== undefined && plan !== expect.plan
      ? `${expect.plan} was expected to heal it; ${plan ? `${plan} did` : "no plan did"}`
      : undefined,
  ].filter((text) => text !== undefined);
  return missed.length > 0
    ? { verdict: "failed", reasons: missed }
    : { verdict: "passed", reasons: [] };
}

function late(what: string, tookMs: number | undefined, withinMs: number | undefined) {
  if (withinMs === undefined) return undefined;
  if (tookMs === undefined) return `it was never ${what}; expected within ${seconds(withinMs)}`;
  if (tookMs <= withinMs) return undefined;
  return `it was ${what} after ${seconds(tookMs)}; expected within ${seconds(withinMs)}`;
}

const holds = ({ states }: Seen): boolean =>
  states.length > 0 && states.every(({ truth }) => truth === "true");
const isTrue = ({ states }: Seen): boolean => states.some(({ truth }) => truth === "true");

/** The condition, and what was measured where it is not true. */
export function inWords({ text, states }: Seen): string {
  if (states.length === 0) return `${text} (nothing of that name is measured)`;
  const worst = states.find(({ truth }) => truth !== "true") ?? states[0]!;
  return `${text} (${worst.explanation})`;
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
const percent = (ratio: number): string => `${(ratio * 100).toFixed(2)} %`;
