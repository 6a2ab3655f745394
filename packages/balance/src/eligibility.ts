/**
 * Who may be picked: decided once, before any policy, so that no policy has to remember to.
 */

/** One endpoint as eligibility sees it. */
export interface Candidate {
  readonly slot: number;
  /** Takes requests of anybody: not draining, not ejected. */
  readonly takesNew: boolean;
  /** 0 takes no new requests, only those of clients that are bound to it. */
  readonly weight: number;
  /** Stands in while no primary can be picked. */
  readonly backup: boolean;
}

/** Slots in the order given; both may be empty. */
export interface Selection {
  readonly primaries: readonly number[];
  readonly backups: readonly number[];
}

/** Splits those that take new requests and have a weight into primaries and backups. As in nginx,
 * backups have a picker of their own, asked only when the primaries' gives nobody: there are none,
 * or this request has tried them all, or they are closed. */
export function selectMembers(candidates: readonly Candidate[]): Selection {
  const eligible = candidates.filter(({ takesNew, weight }) => takesNew && weight > 0);
  return {
    primaries: eligible.filter(({ backup }) => !backup).map(({ slot }) => slot),
    backups: eligible.filter(({ backup }) => backup).map(({ slot }) => slot),
  };
}

/** For callers with one picker: the primaries, or where there are none the backups. */
export function eligibleMembers(candidates: readonly Candidate[]): readonly number[] {
  const { primaries, backups } = selectMembers(candidates);
  return primaries.length > 0 ? primaries : backups;
}

/** True where an endpoint serves the clients that are bound to it (sticky), whatever its weight. */
export function takesBoundClient(endpoint: {
  readonly takesNew: boolean;
  readonly takesBound: boolean;
}): boolean {
  return endpoint.takesBound || endpoint.takesNew;
}
