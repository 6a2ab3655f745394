/** A fault that proxies put into traffic on purpose. It ends by itself, whoever dies. */

export interface FaultSettings {
  /** Unique among those in force. */
  readonly id: string;
  /** What it applies to: all that is named must match. Empty strings match everything. */
  readonly scope: {
    readonly upstream: string;
    /** By name. */
    readonly endpoint: string;
    /** By name. */
    readonly route: string;
    /** Only requests with this header (name in lower case; value exact, empty for any value). */
    readonly header: { readonly name: string; readonly value: string } | undefined;
    /** 0 to 100: share of the attempts that match; drawn per attempt. */
    readonly percent: number;
  };
  readonly effect: FaultEffect;
  /** Wall clock, milliseconds since the epoch: over at this moment, in the proxies themselves. */
  readonly untilMs: number;
}

export type FaultEffect =
  /** The attempt starts this much later, give or take the jitter. */
  | { readonly kind: "latency"; readonly delayMs: number; readonly jitterMs: number }
  /** The attempt is answered with this status, as if the origin had. */
  | { readonly kind: "abort"; readonly status: number }
  /** The attempt gets no answer: time-outs decide. */
  | { readonly kind: "hang" }
  /** The connection breaks after the request was sent. */
  | { readonly kind: "reset" }
  /** Answers pass at this many bytes per second, per attempt. */
  | { readonly kind: "bandwidth"; readonly bytesPerSecond: number }
  /** Connections can't be made: connects run into their time-out. */
  | { readonly kind: "partition" };
