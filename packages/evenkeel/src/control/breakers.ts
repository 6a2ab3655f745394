/**
 * Opens circuit breakers: watches each upstream's failed attempts, so that it opens before retries
 * run out, and sets its word on the board. How it half opens and closes again is the proxies' part,
 * who see each probe end.
 */
import {
  clearWindow,
  countInWindow,
  createWindow,
  nextBreaker,
  windowTotals,
  type SlidingWindow,
} from "@evenkeel/balance";
import { upstreamCounter, upstreamRow, type Board } from "../board/board.ts";
import type { UpstreamSnapshot } from "../snapshot/snapshot.ts";
import { sum } from "../telemetry/sums.ts";

/** A breaker's state was seen to have changed. */
export interface BreakerChange {
  readonly upstream: string;
  readonly to: "closed" | "open" | "half_open";
  /** What it opened for; undefined for other changes. */
  readonly reason: string | undefined;
}

export interface Breakers {
  /** Looks at all upstreams now; call it a few times a second. Answers what changed since. */
  look(upstreams: readonly UpstreamSnapshot[], nowMs: number): BreakerChange[];
}

interface Watched {
  readonly slot: number;
  readonly windowMs: number;
  readonly window: SlidingWindow;
  requests: number;
  failures: number;
  state: number;
}

const CLOSED = 0;
const OPEN = 1;
const words = ["closed", "open", "half_open"] as const;

/** Breakers as the board has them: what a lost control thread left open stays open. */
export function createBreakers(board: Board): Breakers {
  const watched = new Map<string, Watched>();
  let isFirstLook = true;

  const lookAt = (upstream: UpstreamSnapshot, nowMs: number): BreakerChange | undefined => {
    const { name, slot, breaker } = upstream;
    const before = watched.get(name);
    if (!breaker.error) {
      // The configuration took it away, or the row was another's.
      watched.delete(name);
      if (board.breakerState[slot] !== CLOSED) Atomics.store(board.breakerState, slot, CLOSED);
      return undefined;
    }
    if (!before || before.slot !== slot || before.windowMs !== breaker.error.windowMs) {
      if (!isFirstLook && before?.slot !== slot) Atomics.store(board.breakerState, slot, CLOSED);
      watched.set(name, begin(board, slot, breaker.error.windowMs));
      return undefined;
    }
    return follow(board, before, upstream, nowMs);
  };

  return {
    look(upstreams, nowMs) {
      const names = new Set(upstreams.map(({ name }) => name));
      for (const name of watched.keys()) if (!names.has(name)) watched.delete(name);
      const changes = upstreams.flatMap((upstream) => lookAt(upstream, nowMs) ?? []);
      isFirstLook = false;
      return changes;
    },
  };
}

function begin(board: Board, slot: number, windowMs: number): Watched {
  const { requests, failures } = counts(board, slot);
  const state = Atomics.load(board.breakerState, slot);
  return { slot, windowMs, window: createWindow(windowMs), requests, failures, state };
}

function follow(
  board: Board,
  watched: Watched,
  { name, slot, breaker }: UpstreamSnapshot,
  nowMs: number,
): BreakerChange | undefined {
  const { requests, failures } = counts(board, slot);
  const moreRequests = requests - watched.requests;
  const moreFailures = failures - watched.failures;
  watched.requests = requests;
  watched.failures = failures;
  const state = Atomics.load(board.breakerState, slot);
  const changed = state !== watched.state;
  watched.state = state;
  if (state !== CLOSED || changed) {
    clearWindow(watched.window);
    const to = words[state] ?? "closed";
    return changed ? { upstream: name, to, reason: undefined } : undefined;
  }
  countInWindow(watched.window, nowMs, Math.max(0, moreRequests), Math.max(0, moreFailures));
  const totals = windowTotals(watched.window, nowMs);
  const next = nextBreaker({ kind: "closed" }, { kind: "counted", totals, nowMs }, breaker.error!);
  if (next.kind !== "open") return undefined;
  board.breakerOpenUntilMs[slot] = next.untilMs;
  Atomics.store(board.breakerState, slot, OPEN);
  watched.state = OPEN;
  clearWindow(watched.window);
  const reason = `${totals.failures} of ${totals.requests} requests failed`;
  return { upstream: name, to: "open", reason };
}

function counts(board: Board, slot: number): { requests: number; failures: number } {
  const row = upstreamRow(slot);
  return {
    requests: sum(board, "upstream", row, upstreamCounter.requests),
    failures: sum(board, "upstream", row, upstreamCounter.failedAttempts),
  };
}
