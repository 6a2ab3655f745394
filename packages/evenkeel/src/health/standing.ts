/**
 * What a state means for traffic: the bits and the weight on the board, and when a group is so far
 * gone that judging it does more harm than good (panic). Pure.
 */
import { isPanicking } from "@evenkeel/balance";
import { AWAITS_CHECK, GIVEN_UP, TAKES_BOUND, TAKES_NEW } from "../board/board.ts";
import type { HealthState } from "./contract.ts";
import type { EndpointState } from "./state.ts";

const ALL = TAKES_NEW | TAKES_BOUND;

/** How an endpoint counts when its group is judged. `gone`: as out, but panic can't bring it back.
 * `apart`: not at all, because the operator keeps it out, its weight is zero, or it has never been
 * fit to serve: a group is not worse off for what is only starting. `unknown`: not yet, its first
 * check is still to come. */
export type Vote = "serves" | "out" | "gone" | "unknown" | "apart";

/** The state, and apart from `unhealthy` and `ejected` what has not passed a check yet (`unready`),
 * and what `max_fails` holds back as well (`held`). */
export type Standing = HealthState | "unready" | "held";

/** `failed` keeps its bits: the proxies apply nginx's accounting themselves, request by request. They
 * do so in panic, too, so that panic helps nobody who is held back by it.
 * Panic gives traffic to what was judged bad, never to what the operator took out, to what has not
 * passed a check yet, nor to what has no process: that is no judgement. Requests in flight leave what
 * was judged bad, but not in panic: then the judgement itself is in doubt. */
const standings: Record<Standing, { vote: Vote; bits: number; bitsInPanic: number }> = {
  ejected_by_operator: { vote: "apart", bits: 0, bitsInPanic: 0 },
  stopped: { vote: "gone", bits: GIVEN_UP, bitsInPanic: GIVEN_UP },
  draining: { vote: "apart", bits: TAKES_BOUND, bitsInPanic: TAKES_BOUND },
  unhealthy: { vote: "out", bits: GIVEN_UP, bitsInPanic: ALL },
  held: { vote: "gone", bits: GIVEN_UP, bitsInPanic: ALL },
  unready: { vote: "apart", bits: GIVEN_UP, bitsInPanic: GIVEN_UP },
  ejected: { vote: "out", bits: GIVEN_UP, bitsInPanic: ALL },
  failed: { vote: "gone", bits: ALL, bitsInPanic: ALL },
  probing: { vote: "unknown", bits: AWAITS_CHECK, bitsInPanic: AWAITS_CHECK },
  warming: { vote: "serves", bits: ALL, bitsInPanic: ALL },
  healthy: { vote: "serves", bits: ALL, bitsInPanic: ALL },
};

/** How an endpoint stands in its group. */
export function standingOf({
  state,
  check,
  hold,
}: Pick<EndpointState, "state" | "check" | "hold">): Standing {
  if (state !== "unhealthy" && state !== "ejected") return state;
  if (check.kind === "failing" && !check.everPassed) return "unready";
  return hold ? "held" : state;
}

/** The board's bits for a standing. */
export function bitsFor(standing: Standing, panic: boolean): number {
  return panic ? standings[standing].bitsInPanic : standings[standing].bits;
}

/** The vote of one endpoint; `weight` is the one in force before slow start. */
export function voteOf(standing: Standing, weight: number): Vote {
  return weight > 0 ? standings[standing].vote : "apart";
}

/** Running counts of a group, kept up to date one endpoint at a time: a group of thousands is
 * never walked because of one check. */
export interface Tally {
  primaries: number;
  primariesServing: number;
  backups: number;
  backupsServing: number;
  unknown: number;
  /** Those judged bad, whom a panic would give traffic. */
  judgedBad: number;
}

/** Counts of an empty group. */
export function emptyTally(): Tally {
  return {
    primaries: 0,
    primariesServing: 0,
    backups: 0,
    backupsServing: 0,
    unknown: 0,
    judgedBad: 0,
  };
}

/** Adds (`by` 1) or takes back (`by` -1) one endpoint's vote. */
export function count(tally: Tally, vote: Vote, backup: boolean, by: 1 | -1): void {
  if (vote === "apart") return;
  if (vote === "unknown") {
    tally.unknown += by;
    return;
  }
  if (vote === "out") tally.judgedBad += by;
  const serving = vote === "serves" ? by : 0;
  if (backup) {
    tally.backups += by;
    tally.backupsServing += serving;
  } else {
    tally.primaries += by;
    tally.primariesServing += serving;
  }
}

/** Whether too few endpoints are left. The primaries are judged, or the backups where there are no
 * primaries; a backup that serves keeps primaries out of panic, for it is there to stand in. Panic does not
 * begin while a first check is still to come (one of two failing first would start every run with a
 * panic), but goes on when new endpoints arrive. Where nobody was judged bad it would help nobody. */
export function inPanic(tally: Tally, panicPercent: number, already: boolean): boolean {
  if (tally.judgedBad === 0) return false;
  if (tally.unknown > 0 && !already) return false;
  if (tally.primaries === 0) {
    return tally.backups > 0 && isPanicking(tally.backupsServing, tally.backups, panicPercent);
  }
  if (tally.backupsServing > 0) return false;
  return isPanicking(tally.primariesServing, tally.primaries, panicPercent);
}
