/**
 * How long something has been true. Pure: looks come in with their time.
 *
 * What is unknown neither counts nor breaks a run: the time is left out. After `UNKNOWN_ENDS_MS` of it
 * in a row the run is over, for then nobody can say that it was still the same trouble.
 */
import type { Truth } from "../expression/expression.ts";

/** Unknown for longer than this, a run is forgotten; so it is where nobody looked for as long. */
export const UNKNOWN_ENDS_MS = 60_000;

/** A row of true looks that is not over. */
export interface Run {
  /** The first true look. */
  readonly sinceMs: number;
  /** The last look that said anything. */
  readonly knownAtMs: number;
  /** Of the time since `sinceMs`, how much was seen to be true. */
  readonly trueForMs: number;
  /** The look before this one was true. */
  readonly wasTrue: boolean;
  /** Looks counted for `for N x DURATION`, and when the last of them was. */
  readonly looks: number;
  readonly lookedAtMs: number;
}

/** What must be the case for how long: all of `forMs`, or at `times` looks that far apart. */
export interface Lasting {
  readonly forMs: number;
  readonly times: number | undefined;
}

/** The run after one more look; undefined where there is none. With `lasting.times`, looks that come
 * before it is time for the next one see nothing. */
export function afterLook(
  run: Run | undefined,
  truth: Truth,
  nowMs: number,
  lasting?: Lasting,
): Run | undefined {
  const live = run && nowMs - run.knownAtMs <= UNKNOWN_ENDS_MS ? run : undefined;
  if (truth === "unknown") return live && { ...live, wasTrue: false };
  const spacingMs = lasting?.times === undefined ? 0 : lasting.forMs;
  if (truth === "false") {
    // Between two looks that count nobody looks.
    const unseen = live && spacingMs > 0 && nowMs - live.lookedAtMs < spacingMs;
    return unseen ? { ...live, knownAtMs: nowMs, wasTrue: false } : undefined;
  }
  if (!live) {
    return {
      sinceMs: nowMs,
      knownAtMs: nowMs,
      trueForMs: 0,
      wasTrue: true,
      looks: 1,
      lookedAtMs: nowMs,
    };
  }
  const counts = nowMs - live.lookedAtMs >= spacingMs;
  return {
    sinceMs: live.sinceMs,
    knownAtMs: nowMs,
    trueForMs: live.trueForMs + (live.wasTrue ? nowMs - live.knownAtMs : 0),
    wasTrue: true,
    looks: live.looks + (counts ? 1 : 0),
    lookedAtMs: counts ? nowMs : live.lookedAtMs,
  };
}

/** Whether it has lasted; what is unknown now is unknown. */
export function hasLasted(run: Run | undefined, truth: Truth, { forMs, times }: Lasting): Truth {
  if (truth === "unknown") return "unknown";
  const enough = run && (times === undefined ? run.trueForMs >= forMs : run.looks >= times);
  return enough ? "true" : "false";
}
