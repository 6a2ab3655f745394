/** One endpoint as the table keeps it between two settings and from one event to the next. */
import type { Board } from "../board/board.ts";
import type { UpstreamHealth } from "../snapshot/desired.ts";
import type { EndpointHealth } from "./contract.ts";
import type { EndpointState, Rules } from "./state.ts";
import type { Vote } from "./standing.ts";

/** One endpoint's settings. */
export type EndpointSettings = UpstreamHealth["endpoints"][number];

/** The live record of one endpoint. Owned by the table; nobody else keeps one. */
export interface Member {
  settings: EndpointSettings;
  /** The upstream's settings, shared by its members. */
  upstream: UpstreamHealth;
  state: EndpointState;
  lastCheck: EndpointHealth["lastCheck"];
  /** Times its answers or a signal took it out; only ever grows. */
  ejections: number;
  /** Start of the ramp on the monotonic clock; undefined while not warming. */
  warmingFromMs: number | undefined;
  /** How the group counts it now. */
  vote: Vote;
}

/** The settings that its transitions depend on. */
export function rulesOf(upstream: UpstreamHealth): Rules {
  return {
    healthyThreshold: upstream.check?.healthyThreshold ?? 1,
    unhealthyThreshold: upstream.check?.unhealthyThreshold ?? 1,
    slowStart: upstream.slowStart !== undefined,
  };
}

/** The weight before slow start: the operator's where given, else the configured one. */
export function plainWeight(member: Member): number {
  return member.state.operatorWeight ?? member.settings.weight;
}

/** Clears what the board remembers of whoever had this slot before. Requests in flight stay: they
 * are given back one by one by the proxies that hold them. */
export function resetFacts(board: Board, slot: number): void {
  Atomics.store(board.failuresInARow, slot, 0);
  Atomics.store(board.fails, slot, 0);
  board.currentWeight[slot] = 0;
  board.penalty[slot] = 0;
  board.latencyUs[slot] = 0;
  board.latencyAtMs[slot] = 0;
  board.accessedS[slot] = 0;
  board.checkedS[slot] = 0;
}
