/** When the alerts of a group are told to a receiver, and which. Pure; the same rules as
 * Alertmanager's, but that what is acknowledged is not repeated and what is muted is told later. */

/** What a receiver takes for firing, from the last message to it. */
export interface Belief {
  readonly firing: readonly string[];
  readonly atMs: number;
}

/** One alert of the group as it is now. */
export interface Member {
  readonly key: string;
  readonly firing: boolean;
  /** Silenced, or in a maintenance window. */
  readonly muted: boolean;
  readonly acknowledged: boolean;
}

/** How the receiver wants it. */
export interface Wishes {
  readonly sendResolved: boolean;
  readonly repeatMs: number;
  /** Repeats also what was acknowledged: it only keeps the receiver's picture up to date. */
  readonly repeatAcknowledged: boolean;
  /** Something is still on its way to it. */
  readonly busy: boolean;
}

/** `tell` undefined: nothing is to be told; the belief may change all the same. */
export interface Verdict {
  readonly tell:
    | { readonly firing: readonly string[]; readonly resolved: readonly string[] }
    | undefined;
  readonly belief: Belief;
}

/** Judges one receiver at one tick of the group. What it takes for firing and is no member any more
 * is forgotten. */
export function judge(
  members: readonly Member[],
  before: Belief | undefined,
  wishes: Wishes,
  nowMs: number,
): Verdict {
  const believed = new Set(before?.firing);
  const firing = members.filter((member) => member.firing && !member.muted);
  const ended = members.filter(({ key, firing }) => !firing && believed.has(key));
  const endedNow = ended.filter(({ muted }) => !muted).map(({ key }) => key);
  const resolved = wishes.sendResolved ? endedNow : [];
  const isNews = firing.some(({ key }) => !believed.has(key)) || resolved.length > 0;
  // Muted ones stay as the receiver knows them until they may be spoken of again.
  const held = members.filter(({ key, muted }) => muted && believed.has(key));
  const keys = firing.map(({ key }) => key);
  const all = [...keys, ...held.map(({ key }) => key)];
  if (isNews || isDue(firing, before, wishes, nowMs)) {
    return { tell: { firing: keys, resolved }, belief: { firing: all, atMs: nowMs } };
  }
  return { tell: undefined, belief: { firing: all, atMs: before?.atMs ?? nowMs } };
}

function isDue(
  firing: readonly Member[],
  before: Belief | undefined,
  wishes: Wishes,
  nowMs: number,
): boolean {
  if (!before || wishes.busy || firing.length === 0) return false;
  if (!wishes.repeatAcknowledged && firing.every(({ acknowledged }) => acknowledged)) return false;
  return nowMs - before.atMs >= wishes.repeatMs;
}

/** When a group is looked at again. A clock that was set back does not keep it waiting. */
export function nextTick(atMs: number, nowMs: number, intervalMs: number): number {
  const next = atMs + intervalMs;
  return next > nowMs && next <= nowMs + intervalMs ? next : nowMs + intervalMs;
}
