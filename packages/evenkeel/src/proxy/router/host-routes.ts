/** All routes of one host pattern: exact paths, then regular expressions, then prefixes. */
import type { Candidate } from "./candidate.ts";
import { CandidateList } from "./candidates.ts";
import type { RoutableRequest } from "./contract.ts";
import { PrefixIndex } from "./prefix-index.ts";

/** The path level of the router, for one host pattern. */
export class HostRoutes {
  readonly #candidates: readonly Candidate[];
  readonly #exact: ReadonlyMap<string, CandidateList> | undefined;
  readonly #regex: CandidateList | undefined;
  readonly #prefixes: PrefixIndex<CandidateList>;

  constructor(candidates: readonly Candidate[]) {
    this.#candidates = candidates;
    const exact = new Map<string, Candidate[]>();
    const prefixes = new Map<string, Candidate[]>();
    const regex: Candidate[] = [];
    for (const candidate of candidates) {
      const { path } = candidate;
      if (path.kind === "regex") regex.push(candidate);
      else if (path.kind === "exact") append(exact, path.path, candidate);
      else append(prefixes, path.prefix, candidate);
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

  /** The best route of this host pattern for the request. */
  find(request: RoutableRequest): Candidate | undefined {
    const { path } = request;
    const found = this.#exact?.get(path)?.find(request) ?? this.#regex?.find(request);
    if (found !== undefined) return found;
    for (let entry = this.#prefixes.find(path); entry !== undefined; entry = entry.shorter) {
      const candidate = entry.value.find(request);
      if (candidate !== undefined) return candidate;
    }
    return undefined;
  }
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
