/** When everything that acts by itself looks around: about once a second, and more often for a while
 * after something has changed, since then each wait adds to an outage. */

/** The finest step; `isDue` is to be asked this often. */
export const BEAT_MS = 200;
const USUAL_GAP_MS = 1000;
const STAYS_AWAKE_MS = 5000;
/** Timers fire a little late or early against the wall clock. */
const SLACK_MS = BEAT_MS / 4;

export interface LookRhythm {
  /** Something has changed: looks come with each beat for a while. */
  disturbed(nowMs: number): void;
  /** Whether to look at this beat; the answer yes counts as a look. */
  isDue(nowMs: number): boolean;
}

/** The first look is due at once. A clock that was set back makes a look due, not a pause. */
export function createLookRhythm(): LookRhythm {
  let lookedAtMs: number | undefined;
  let disturbedAtMs: number | undefined;
  const isAwake = (nowMs: number): boolean =>
    disturbedAtMs !== undefined && Math.abs(nowMs - disturbedAtMs) < STAYS_AWAKE_MS;
  return {
    disturbed(nowMs) {
      disturbedAtMs = nowMs;
    },
    isDue(nowMs) {
      const gapMs = isAwake(nowMs) ? BEAT_MS : USUAL_GAP_MS;
      const isDue =
        lookedAtMs === undefined || nowMs < lookedAtMs || nowMs - lookedAtMs >= gapMs - SLACK_MS;
      if (isDue) lookedAtMs = nowMs;
      return isDue;
    },
  };
}
