/**
 * The candidates of one place (a host pattern and a path pattern), best first.
 *
 * All but the client's networks is known beforehand, so the list is sorted once and the first that
 * accepts wins; only among equals that differ in client networks the longest network decides.
 */
import { accepts, type Candidate, rankOf } from "./candidate.ts";
import type { RoutableRequest } from "./contract.ts";
import { matchesPath } from "./path-match.ts";

interface Ranked {
  readonly candidate: Candidate;
  /** Higher wins, compared from the left. */
  readonly rank: readonly number[];
  /** Equal exactly for those whose ranks are. */
  group: number;
}

/** What is found where no route matches; else a route's `order`. */
export const NO_ROUTE = -1;

/** Candidates in order of precedence. */
export class CandidateList {
  /** The usual case, answered without a look at candidates: the order of one that asks nothing
   * more; NO_ROUTE where they must be looked at. */
  readonly answer: number;
  /** Those of the next shorter prefix, where the place is a prefix. */
  shorter: CandidateList | undefined = undefined;
  readonly #ranked: readonly Ranked[];

  /** `rank` goes before the candidates' own ranks. */
  constructor(candidates: readonly Candidate[], rank?: (candidate: Candidate) => number) {
    const ranked = candidates.map((candidate) => ({
      candidate,
      rank: rank === undefined ? rankOf(candidate) : [rank(candidate), ...rankOf(candidate)],
      group: 0,
    }));
    ranked.sort(compareRanked);
    for (let index = 1; index < ranked.length; index++) {
      const previous = ranked[index - 1]!;
      const one = ranked[index]!;
      one.group = previous.group + (compareRanks(previous.rank, one.rank) === 0 ? 0 : 1);
    }
    this.#ranked = ranked;
    const first = ranked[0]?.candidate;
    const isPlain = first?.isPlain === true && first.path.kind !== "regex";
    this.answer = isPlain ? first.order : NO_ROUTE;
  }

  /** The order of the best candidate that accepts the request; NO_ROUTE for none. */
  find(request: RoutableRequest): number {
    return this.answer === NO_ROUTE ? (this.#best(request)?.order ?? NO_ROUTE) : this.answer;
  }

  #best(request: RoutableRequest): Candidate | undefined {
    const ranked = this.#ranked;
    let best: Candidate | undefined;
    let bestLength = -1;
    let group = 0;
    for (let index = 0; index < ranked.length; index++) {
      const one = ranked[index]!;
      // Behind the last with client networks of its group, the first that accepts is the best.
      const isSettled = one.group !== group || one.candidate.clients === undefined;
      if (best !== undefined && isSettled) return best;
      const length = acceptedLength(one.candidate, request);
      if (length <= bestLength) continue;
      best = one.candidate;
      bestLength = length;
      group = one.group;
    }
    return best;
  }
}

/** -1 for a refusal, 0 for acceptance, above it by the client network's length. */
function acceptedLength(candidate: Candidate, request: RoutableRequest): number {
  const { path, clients } = candidate;
  if (path.kind === "regex" && !matchesPath(path, request.path)) return -1;
  if (!accepts(candidate, request)) return -1;
  if (clients === undefined) return 0;
  const length = clients.longest(request.clientAddress);
  return length < 0 ? -1 : length + 1;
}

function compareRanked(one: Ranked, other: Ranked): number {
  return (
    compareRanks(one.rank, other.rank) ||
    Number(other.candidate.clients !== undefined) - Number(one.candidate.clients !== undefined) ||
    one.candidate.route.order - other.candidate.route.order
  );
}

function compareRanks(one: readonly number[], other: readonly number[]): number {
  for (let index = 0; index < one.length; index++) {
    const difference = (other[index] ?? 0) - (one[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
