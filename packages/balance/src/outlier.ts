/**
 * Passive ejection: judging endpoints by how the real requests to them end.
 *
 * All of it is judgement over numbers; whoever calls keeps them, acts, and remembers. After Envoy's
 * outlier detection, with a floor that holds: the last available endpoint is never ejected.
 */
import { type WindowTotals, reachesFailureRatio } from "./sliding-window.ts";

/** When an endpoint counts as an outlier. */
export interface OutlierLimits {
  /** Failures in a row that eject; 0 turns this judgement off. */
  readonly consecutiveFailures: number;
  /** Ejects when at least this share (0 to 1) of at least `minRequests` in the window failed. */
  readonly failureRatio: number;
  readonly minRequests: number;
}

/** Why an endpoint is an outlier. */
export type OutlierReason = "consecutive_failures" | "failure_ratio";

/** Why an endpoint should be ejected now; undefined where it should not. */
export function judgeOutlier(
  failuresInARow: number,
  window: WindowTotals,
  limits: OutlierLimits,
): OutlierReason | undefined {
  if (limits.consecutiveFailures > 0 && failuresInARow >= limits.consecutiveFailures) {
    return "consecutive_failures";
  }
  const { failureRatio: ratio, minRequests } = limits;
  return reachesFailureRatio(window, { ratio, minRequests }) ? "failure_ratio" : undefined;
}

/** How long an endpoint stays out the `timesInARow`-th time (1 and up): `baseMs` times that, at most
 * `maxMs`. */
export function ejectionMs(
  timesInARow: number,
  limits: { readonly baseMs: number; readonly maxMs: number },
): number {
  return Math.min(limits.maxMs, limits.baseMs * timesInARow);
}

/** What is left of the times in a row after an endpoint was healthy that long: one less for each full
 * interval, never below zero. Call it with the time since its return and the number it returned
 * with; `intervalMs` is above zero. */
export function decayedTimes(timesInARow: number, healthyMs: number, intervalMs: number): number {
  const forgiven = Math.floor(Math.max(0, healthyMs) / intervalMs);
  return Math.max(0, timesInARow - forgiven);
}

/** A group as the floor sees it. */
export interface EjectionRoom {
  /** All endpoints of the group, whatever their state. */
  readonly total: number;
  /** Those that are out by ejection now; what checks or the operator took out is not among them. */
  readonly ejected: number;
  /** Those that take new requests now. */
  readonly available: number;
}

/** True where one more available endpoint may be ejected: another one stays available, and ejections
 * stay within `maxEjectedPercent` of the group. One is allowed even where the percentage gives less,
 * so that groups of two or three can eject at all. */
export function mayEject(room: EjectionRoom, maxEjectedPercent: number): boolean {
  if (room.available < 2 || maxEjectedPercent <= 0) return false;
  return room.ejected === 0 || (room.ejected + 1) * 100 <= room.total * maxEjectedPercent;
}

/** True where so few are available that holding the others back would only overload these: less than
 * `percent` of all. 0 turns panic off; an empty group never panics. */
export function isPanicking(available: number, total: number, percent: number): boolean {
  return available * 100 < total * percent;
}
