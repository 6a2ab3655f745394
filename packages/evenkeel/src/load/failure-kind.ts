/** The ways a request of a load test can fail. */

/**
 * `status`: a whole answer with a status that was not expected. `connect`: no connection, or no TLS.
 * `timeout`: no whole answer in time. `reset`: the connection ended before the answer did.
 * `framing`: what came is not HTTP/1.1. `dropped`: due, but never sent, because too many waited
 * for a connection, or it waited for too long.
 */
export const failureKinds = [
  "status",
  "connect",
  "timeout",
  "reset",
  "framing",
  "dropped",
] as const;

export type FailureKind = (typeof failureKinds)[number];

/** A number per kind. */
export type FailureCounts = Record<FailureKind, number>;

/** All zero. */
export function noFailures(): FailureCounts {
  return { status: 0, connect: 0, timeout: 0, reset: 0, framing: 0, dropped: 0 };
}

/** The sum over all kinds. */
export function totalFailures(counts: Readonly<FailureCounts>): number {
  return failureKinds.reduce((sum, kind) => sum + counts[kind], 0);
}
