/** All routes of one host pattern: exact paths, then regular expressions, then prefixes. */
import type { Candidate } from "./candidate.ts";
import { CandidateList, NO_ROUTE } from "./candidates.ts";
import type { RoutableRequest } from "./contract.ts";
import { PrefixIndex } from "./prefix-index.ts";

/** The path level of the router, for one host pattern. */
export class HostRoutes {
  readonly #candidates: readonly Candidate[];
  readonly #exact: ReadonlyMap<string, CandidateList> | undefined;
  readonly #regex: CandidateList | undefined;
  readonly #prefixes: PrefixIndex<CandidateList>;

  /** `shared` holds texts that hosts have in common, and takes those of this one. */
  constructor(candidates: readonly Candidate[], shared: Map<string, string>) {
    this.#candidates = candidates;
    const exact = new Map<string, Candidate[]>();
    const prefixes = new Map<string, Candidate[]>();
    const regex: Candidate[] = [];
    for (const candidate of candidates) {
      const { path } = candidate;
      if (path.kind === "regex") regex.push(candidate);
      else if (path.kind === "exact") append(exact, path.path, candidate);
      else append(prefixes, sharedText(path.prefix, shared), candidate);
    }
    this.#exact = exact.size === 0 ? undefined : toLists(exact);
    this.#regex = regex.length === 0 ? undefined : new CandidateList(regex, patternLength);
    this.#prefixes = new PrefixIndex(toLists(prefixes));
  }

  /** Whether these very candidates are the ones it was made of. */
  isOf(candidates: readonly Candidate[]): boolean {
    const own = this.#candidates;
    return own.length === candidates.length && own.every((one, at) => one === candidates[at]);
  }

  /** The order of this host pattern's best route for the request; NO_ROUTE for none. */
  find(request: RoutableRequest): number {
    const { path } = request;
    let found = this.#exact?.get(path)?.find(request) ?? NO_ROUTE;
    if (found === NO_ROUTE && this.#regex !== undefined) found = this.#regex.find(request);
    if (found !== NO_ROUTE) return found;
    let list = this.#prefixes.find(path);
    if (typeof list === "number") return list;
    for (; list !== undefined && found === NO_ROUTE; list = list.shorter) {
      found = list.find(request);
    }
    return found;
  }
}

/** Routes come from another thread, each with its own copy of the same prefix: with thousands of
 * them, comparing with one that lies in the cache is what a look-up costs. */
function sharedText(text: string, shared: Map<string, string>): string {
  const known = shared.get(text);
  if (known !== undefined) return known;
  shared.set(text, text);
  return text;
}

function patternLength({ path }: Candidate): number {
  return path.kind === "regex" ? path.pattern.length : 0;
}

function append(places: Map<string, Candidate[]>, place: string, candidate: Candidate): void {
  const there = places.get(place);
  if (there === undefined) places.set(place, [candidate]);
  else there.push(candidate);
}

function toLists(places: ReadonlyMap<string, readonly Candidate[]>): Map<string, CandidateList> {
  const lists = new Map<string, CandidateList>();
  for (const [place, candidates] of places) lists.set(place, new CandidateList(candidates));
  return lists;
}
