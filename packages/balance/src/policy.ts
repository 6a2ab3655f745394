/**
 * The contract of a balancing policy: a choice over endpoints that were judged eligible beforehand.
 *
 * Endpoints are numbers (slots) and their live facts are columns indexed by slot, so that several
 * threads can share them as views of one `SharedArrayBuffer` and a pick touches no object per
 * endpoint. A slow state machine builds a picker whenever membership changes; the hot path only
 * calls `pick` (the split grpc calls balancer and picker).
 */

/** Columns of live facts, indexed by slot. The caller owns them; a policy writes only the two
 * columns named as its memory. Views of shared memory are allowed: see `Policy.exclusive`. */
export interface EndpointFacts {
  /** Requests sent and not yet finished, over all threads. */
  readonly inFlight: Int32Array;
  /** Effective weight now: the configured weight times the slow start factor; may be fractional. */
  readonly weight: Float64Array;
  /** Memory of smooth weighted round robin: the running weight. Zero at first. */
  readonly currentWeight: Float64Array;
  /** Memory of smooth weighted round robin: what failures took off the weight (nginx's `weight -
   * effective_weight`). Zero at first; regained by one a pick. */
  readonly penalty: Float64Array;
  /** Peak EWMA of the time to the answer's head in microseconds; zero where nothing is known. */
  readonly latencyUs: Float64Array;
  /** When `latencyUs` was last written, in milliseconds of the caller's clock. */
  readonly latencyAtMs: Float64Array;
}

/** One request's wish. The caller may reuse one object for all picks: a picker keeps nothing of it. */
export interface PickRequest {
  /** What a hashing policy hashes: the client's address for `ip_hash`, the composed key for `hash`;
   * empty for other policies and where the request has none of the named parts. */
  key: string;
  /** Slots this request has tried; `undefined` on the first attempt, so that it costs nothing. */
  tried: readonly number[] | undefined;
  /** Tells that a member can't take one more request now (its `max_conns` is reached, or its
   * failures hold it back); `undefined` where no member has such a bound. */
  closed: ((slot: number) => boolean) | undefined;
  /** Milliseconds of the clock that `latencyAtMs` is written in. */
  nowMs: number;
}

/** A choice over one membership. When membership changes, a new picker replaces this one. */
export interface Picker {
  /** The slot of an untried, open member; -1 when none is left. */
  pick(request: PickRequest): number;
}

/** Eligible slots in configuration order, never empty. The array must not change afterwards. */
export type Members = readonly number[];

/** A source of randomness: uniform in [0, 1). */
export type Random = () => number;

/** Checked settings in, pickers out. */
export interface Policy {
  /** True where a pick reads and writes facts as one step. Threads that share the facts must then
   * hold the group's lock over `pick` and the increment of `inFlight` that follows it. */
  readonly exclusive: boolean;
  /** Builds the picker for one membership; cost at most O(n log n) but for hash tables. */
  createPicker(members: Members, facts: EndpointFacts, random: Random): Picker;
}
