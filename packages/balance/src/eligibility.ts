/**
 * Who may be picked: decided once, before any policy, so that no policy has to remember to.
 */

/** One endpoint as eligibility sees it. */
export interface Candidate {
  readonly slot: number;
  /** Takes requests of anybody. */
  readonly takesNew: boolean;
  /** Takes requests of clients that are bound to it (sticky), as while draining. */
  readonly takesBound: boolean;
  /** 0 takes no new requests, only those of bound clients. */
  readonly weight: number;
  /** Stands in while no primary is eligible. */
  readonly backup: boolean;
}

/** Slots of the members, in the order given: the primaries that take new requests, or where there
 * are none the backups that do. Empty where nobody may be picked. */
export function eligibleMembers(candidates: readonly Candidate[]): number[] {
  const primaries = eligible(candidates, false);
  return primaries.length > 0 ? primaries : eligibleBackups(candidates);
}

/** Slots of the backups that take new requests. For a second picker, where all primaries were tried
 * or closed within one request, which is when nginx turns to its backups too. */
export function eligibleBackups(candidates: readonly Candidate[]): number[] {
  return eligible(candidates, true);
}

/** True where an endpoint serves the clients that are bound to it, whatever its weight. */
export function takesBoundClient(candidate: Candidate): boolean {
  return candidate.takesBound || candidate.takesNew;
}

function eligible(candidates: readonly Candidate[], backup: boolean): number[] {
  return candidates
    .filter((candidate) => candidate.backup === backup && candidate.takesNew)
    .filter((candidate) => candidate.weight > 0)
    .map((candidate) => candidate.slot);
}
