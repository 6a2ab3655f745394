/** Everything the package offers; `@evenkeel/balance/testing` has the contract suite and fixtures. */
export type * from "./policy.ts";
export { type PolicyName, policies } from "./policies/index.ts";
export { first } from "./policies/first.ts";
export { type HashSettings, hash } from "./policies/hash.ts";
export { type IpHashSettings, ipHash } from "./policies/ip-hash.ts";
export { leastConn } from "./policies/least-conn.ts";
export { type LeastTimeSettings, leastTime } from "./policies/least-time.ts";
export { random } from "./policies/random.ts";
export { roundRobin } from "./policies/round-robin.ts";
export { twoChoices } from "./policies/two-choices.ts";
export { isOpen } from "./open.ts";
export { penalize } from "./smooth-weights.ts";
export { fadedLatencyUs, observeLatency } from "./peak-ewma.ts";
export {
  type Candidate,
  eligibleBackups,
  eligibleMembers,
  takesBoundClient,
} from "./eligibility.ts";
export {
  type FailureColumns,
  isHeldBack,
  noteFailure,
  notePick,
  noteSuccess,
} from "./nginx-failures.ts";
export {
  type SlidingWindow,
  type FailureLimits,
  type WindowTotals,
  clearWindow,
  countInWindow,
  createWindow,
  reachesFailureRatio,
  windowTotals,
} from "./sliding-window.ts";
export {
  type EjectionRoom,
  type OutlierLimits,
  type OutlierReason,
  decayedTimes,
  ejectionMs,
  isPanicking,
  judgeOutlier,
  mayEject,
} from "./outlier.ts";
export { type RetryDemand, mayRetry } from "./retry-budget.ts";
export { type LostRace, speaksAgainstLoser } from "./lost-race.ts";
export {
  type Admission,
  type BreakerEvent,
  type BreakerLimits,
  type BreakerState,
  admission,
  nextBreaker,
  withinLimit,
} from "./breaker.ts";
export { rampFactor } from "./slow-start.ts";
export { crc32 } from "./hash/crc32.ts";
export { hashString } from "./hash/string-hash.ts";
