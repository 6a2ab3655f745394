/**
 * What it says about an endpoint that another one answered first.
 *
 * Where slow requests are asked of a second endpoint, one that never answers has no failures: all
 * its requests are rescued. So a lost race speaks against the loser, if it was not mere chance. The
 * winner started later and still needed less than half the loser's time, for the very same request;
 * and the loser has been losing without one answer in between for longer than a pause for garbage
 * collection lasts, however many requests such a pause caught at once.
 */

/** The loser was at least so many times slower. */
const SLOWER = 2;
/** Losing for less long may be a pause. */
const LEAST_SILENCE_MS = 250;

/** One race that is over. */
export interface LostRace {
  /** From the loser's start until it was given up. */
  readonly loserMs: number;
  /** From the winner's own, later start to its answer. */
  readonly winnerMs: number;
  /** Since the start of the first race that the loser's endpoint lost after its last answer. */
  readonly silentMs: number;
}

/** True where the loser's endpoint should be judged as if the attempt had failed. */
export function speaksAgainstLoser({ loserMs, winnerMs, silentMs }: LostRace): boolean {
  return loserMs >= SLOWER * winnerMs && silentMs >= LEAST_SILENCE_MS;
}
