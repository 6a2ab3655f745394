/**
 * Passive health: reads from the board how real requests end, and says what follows. The judgement
 * itself is the balance package's; this keeps the memory it needs per endpoint.
 *
 * An endpoint with `max_fails` written on it is judged by that alone, as whoever writes nginx's word
 * means nginx's rule: two judges would punish one failure twice, and `max_fails: 0` could not mean
 * "never".
 */
import {
  type SlidingWindow,
  type WindowTotals,
  clearWindow,
  countInWindow,
  createWindow,
  decayedTimes,
  ejectionMs,
  judgeOutlier,
  mayEject,
  windowTotals,
} from "@evenkeel/balance";
import { type Board, endpointCounter, endpointRow } from "../board/board.ts";
import type { Group } from "./group.ts";
import { holdOf } from "./hold.ts";
import type { Member } from "./member.ts";
import { ejectionReason } from "./reasons.ts";

/** What the facts on the board say must happen to a member now. */
export type PassiveVerdict =
  | { readonly kind: "ejected"; readonly reason: string; readonly forMs: number }
  | { readonly kind: "held"; readonly reason: string; readonly untilMs: number }
  | { readonly kind: "hold-over" };

/** Both clocks, read once for a whole look. */
export interface LookTime {
  readonly nowMs: number;
  readonly monotonicMs: number;
}

/** The memory of passive health. */
export interface Passive {
  /** Starts counting from now; earlier requests of the slot are not held against it. */
  track(member: Member, timesInARow: number, monotonicMs: number): void;
  forget(member: Member): void;
  /** It was taken out by somebody else: no time is forgiven until it is back. */
  leave(member: Member, monotonicMs: number): void;
  /** Its traffic returns: a clean slate, but for how often it was ejected. */
  restart(member: Member, monotonicMs: number): void;
  /** Times ejected in a row, less one for every healthy window since. */
  timesEjected(member: Member, monotonicMs: number): number;
  /** Looks at every member of a group. `verdict` is carried out at once, so that the floor sees it
   * when the next member is judged. */
  look(
    group: Group,
    time: LookTime,
    verdict: (member: Member, found: PassiveVerdict) => void,
  ): void;
}

interface Memory {
  window: SlidingWindow;
  windowMs: number;
  /** The counters' sums when they were last read. */
  requests: number;
  failures: number;
  /** Times ejected in a row as of `backSinceMs`, which is never while it is out. */
  times: number;
  backSinceMs: number;
}

/** Starts with no members. */
export function createPassive(board: Board): Passive {
  const memories = new Map<Member, Memory>();
  return {
    track(member, timesInARow, monotonicMs) {
      const windowMs = windowMsOf(member);
      memories.set(member, {
        window: createWindow(windowMs),
        windowMs,
        ...sums(board, member),
        times: timesInARow,
        backSinceMs: member.state.ejection ? Infinity : monotonicMs,
      });
    },
    forget(member) {
      memories.delete(member);
    },
    leave(member, monotonicMs) {
      const memory = memories.get(member);
      if (!memory) return;
      memory.times = timesNow(memory, monotonicMs);
      memory.backSinceMs = Infinity;
    },
    restart(member, monotonicMs) {
      const memory = memories.get(member);
      if (!memory) return;
      clearWindow(memory.window);
      memory.times = timesNow(memory, monotonicMs);
      memory.backSinceMs = monotonicMs;
      Object.assign(memory, sums(board, member));
      Atomics.store(board.failuresInARow, member.settings.slot, 0);
    },
    timesEjected(member, monotonicMs) {
      const memory = memories.get(member);
      return memory ? timesNow(memory, monotonicMs) : 0;
    },
    look(group, time, verdict) {
      for (const member of group.members.values()) {
        const memory = memories.get(member);
        if (!memory) continue;
        const held = holdChange(board, member, group.members.size, time.nowMs);
        if (held) verdict(member, held);
        const ejected = judge(board, member, memory, time);
        if (!ejected || !hasRoom(group)) continue;
        memory.times = timesNow(memory, time.monotonicMs) + 1;
        memory.backSinceMs = Infinity;
        verdict(member, ejected);
      }
    },
  };
}

function timesNow(memory: Memory, monotonicMs: number): number {
  return decayedTimes(memory.times, monotonicMs - memory.backSinceMs, memory.windowMs);
}

/** Only what takes requests by its own merit is judged. */
function judge(
  board: Board,
  member: Member,
  memory: Memory,
  time: LookTime,
): PassiveVerdict | undefined {
  const totals = sample(board, member, memory, time.monotonicMs);
  const { ejection } = member.upstream;
  if (member.vote !== "serves" || !ejection.enabled) return undefined;
  if (member.settings.maxFails !== undefined) return undefined;
  const inARow = Atomics.load(board.failuresInARow, member.settings.slot);
  const why = judgeOutlier(inARow, totals, ejection);
  if (!why) return undefined;
  const forMs = ejectionMs(timesNow(memory, time.monotonicMs) + 1, ejection);
  const evidence = { inARow, totals, windowMs: memory.windowMs, untilMs: time.nowMs + forMs };
  return { kind: "ejected", reason: ejectionReason(why, evidence), forMs };
}

/** What the last look did not see yet goes into the window. */
function sample(board: Board, member: Member, memory: Memory, nowMs: number): WindowTotals {
  const windowMs = windowMsOf(member);
  if (windowMs !== memory.windowMs) {
    memory.window = createWindow(windowMs);
    memory.windowMs = windowMs;
  }
  const { requests, failures } = sums(board, member);
  const newRequests = requests - memory.requests;
  const newFailures = failures - memory.failures;
  memory.requests = requests;
  memory.failures = failures;
  // Without new requests nothing can have become worse, and most endpoints have none.
  if (newRequests <= 0 && newFailures <= 0) return NOTHING;
  countInWindow(memory.window, nowMs, Math.max(0, newRequests), Math.max(0, newFailures));
  return windowTotals(memory.window, nowMs);
}

const NOTHING: WindowTotals = { requests: 0, failures: 0 };

function sums(board: Board, member: Member): { requests: number; failures: number } {
  const row = endpointRow(member.settings.slot);
  let requests = 0;
  let failures = 0;
  for (const { endpoint } of board.counters) {
    requests += endpoint[row + endpointCounter.requests]!;
    failures += endpoint[row + endpointCounter.failures]!;
  }
  return { requests, failures };
}

function windowMsOf(member: Member): number {
  return Math.max(1, member.upstream.ejection.windowMs);
}

/** The floor: asked again for every single ejection, whoever wants it. */
export function hasRoom(group: Group): boolean {
  let ejected = 0;
  for (const member of group.members.values()) if (member.state.ejection) ejected++;
  const room = { total: group.members.size, ejected, available: group.serving() };
  return mayEject(room, group.settings.ejection.maxEjectedPercent);
}

function holdChange(
  board: Board,
  member: Member,
  groupSize: number,
  nowMs: number,
): PassiveVerdict | undefined {
  const hold = holdOf(board, member, groupSize, nowMs);
  const known = member.state.hold;
  if (!hold) return known ? { kind: "hold-over" } : undefined;
  return known?.untilMs === hold.untilMs ? undefined : { kind: "held", ...hold };
}
