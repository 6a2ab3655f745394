/**
 * A circuit breaker by error ratio, as a pure state machine, and limits on what is in flight.
 *
 * Closed: requests pass and their ends are counted. Open: everything is refused for `openMs`, which
 * stays the same however often it opens in a row, so that the time to recovery is known. Half open:
 * as many requests as `halfOpenRequests` pass as probes; all succeed and it closes, one fails and it
 * opens again. The caller keeps the window of ends (sliding-window.ts) and clears it when the
 * breaker closes, lest old failures open it again at once.
 */
import { type WindowTotals, reachesFailureRatio } from "./sliding-window.ts";

/** When it opens, for how long, and how many probes it wants. */
export interface BreakerLimits {
  /** Opens when at least this share (0 to 1) of at least `minRequests` in the window failed. */
  readonly ratio: number;
  readonly minRequests: number;
  readonly openMs: number;
  /** At least 1. */
  readonly halfOpenRequests: number;
}

/** Begins as `{ kind: "closed" }`. */
export type BreakerState =
  | { readonly kind: "closed" }
  | { readonly kind: "open"; readonly untilMs: number }
  | {
      readonly kind: "half_open";
      /** Probes let through, finished or not. */
      readonly admitted: number;
      /** Probes that succeeded. */
      readonly passed: number;
    };

/** What may happen to a breaker. Probes are requests that `admission` called so; each ends with
 * exactly one of the three events; one that ends when the breaker is no longer half open changes
 * nothing. Ends of other requests only go into the window. */
export type BreakerEvent =
  /** The window's totals, after requests ended. */
  | { readonly kind: "counted"; readonly totals: WindowTotals; readonly nowMs: number }
  /** A request asks to pass; time may have gone by. */
  | { readonly kind: "requested"; readonly nowMs: number }
  | { readonly kind: "probe_passed" }
  | { readonly kind: "probe_failed"; readonly nowMs: number }
  /** The probe ended without saying anything about the origin: its client went away. */
  | { readonly kind: "probe_abandoned" };

/** What a request that asks to pass is told. */
export type Admission = "pass" | "probe" | "refuse";

/** What `state` answers to a request at that time. Where it is "probe", `nextBreaker` with
 * "requested" must follow in the same step, as the probe takes one of the places. */
export function admission(state: BreakerState, nowMs: number, limits: BreakerLimits): Admission {
  if (state.kind === "closed") return "pass";
  if (state.kind === "open") return nowMs < state.untilMs ? "refuse" : "probe";
  return state.admitted < limits.halfOpenRequests ? "probe" : "refuse";
}

/** The state after an event; the same object where nothing changed. */
export function nextBreaker(
  state: BreakerState,
  event: BreakerEvent,
  limits: BreakerLimits,
): BreakerState {
  if (state.kind === "closed") {
    return event.kind === "counted" && reachesFailureRatio(event.totals, limits)
      ? openFrom(event.nowMs, limits)
      : state;
  }
  if (state.kind === "open") {
    return event.kind === "requested" && event.nowMs >= state.untilMs
      ? { kind: "half_open", admitted: 1, passed: 0 }
      : state;
  }
  return nextHalfOpen(state, event, limits);
}

function nextHalfOpen(
  state: BreakerState & { kind: "half_open" },
  event: BreakerEvent,
  limits: BreakerLimits,
): BreakerState {
  const { admitted, passed } = state;
  if (event.kind === "probe_failed") return openFrom(event.nowMs, limits);
  if (event.kind === "probe_passed") {
    return passed + 1 >= limits.halfOpenRequests
      ? { kind: "closed" }
      : { ...state, passed: passed + 1 };
  }
  if (event.kind === "probe_abandoned") {
    return { ...state, admitted: Math.max(passed, admitted - 1) };
  }
  if (event.kind === "requested" && admitted < limits.halfOpenRequests) {
    return { ...state, admitted: admitted + 1 };
  }
  return state;
}

function openFrom(nowMs: number, limits: BreakerLimits): BreakerState {
  return { kind: "open", untilMs: nowMs + limits.openMs };
}

/** True where one more fits: `current` counts those there are, without the one asked for. A limit of
 * 0 is none. For connections, pending requests, requests and retries alike. */
export function withinLimit(current: number, limit: number): boolean {
  return limit === 0 || current < limit;
}
