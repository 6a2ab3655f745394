/**
 * Whether a failed attempt may be followed by another: the whole rule in one pure function.
 *
 * Safe by default: what provably never reached an origin may always be sent again; what may have
 * reached one only if doing it twice does no harm (RFC 9110 section 9.2.2) or the client gave an
 * `Idempotency-Key`. Nobody asks once a byte of an answer went to the client.
 */
import { isUnsent, type AttemptFailure } from "../upstream/attempt.ts";

export interface RetryFacts {
  readonly failure: AttemptFailure | "status";
  /** Attempts made so far, the failed one included. */
  readonly attempts: number;
  /** The request's body, as far as it was sent, is still there to be sent again. */
  readonly replayable: boolean;
  /** A byte of the request was written to the connection that failed. */
  readonly sent: boolean;
  readonly repeatable: boolean;
}

export interface RetryRule {
  /** Further attempts after the first. */
  readonly attempts: number;
  readonly onConnectFailure: boolean;
  readonly onReset: boolean;
  readonly onTimeout: boolean;
}

/** True if the rule allows another attempt. A status reached the rule by being listed in it. */
export function mayTryAgain(rule: RetryRule, facts: RetryFacts): boolean {
  if (!facts.replayable || facts.attempts > rule.attempts) return false;
  if (facts.sent && !facts.repeatable) return false;
  switch (facts.failure) {
    case "local":
      return false;
    case "connect_failed":
    case "connect_timeout":
      return rule.onConnectFailure;
    case "origin_closed":
    case "origin_reset":
    case "bad_response":
    case "response_header_too_large":
      return rule.onReset;
    case "first_byte_timeout":
    case "idle_timeout":
      return rule.onTimeout;
    case "status":
      return true;
  }
}

/** Whether `hold` may repeat a request that failed so. One that was sent is held once only, or one that
 * kills whoever gets it would kill them for as long as it is held. */
export function mayBeHeld(
  failure: AttemptFailure,
  {
    repeatable,
    rules,
  }: { readonly repeatable: boolean; readonly rules: { readonly retry: RetryRule } },
  wasHeld: boolean,
): boolean {
  const cut = failure === "origin_closed" || failure === "origin_reset";
  return cut ? repeatable && rules.retry.onReset && !wasHeld : isUnsent(failure);
}
