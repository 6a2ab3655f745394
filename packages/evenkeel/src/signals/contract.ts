/** Signals: numbers about upstreams, endpoints, routes and processes that conditions speak of. */
import type { Expression, SignalRef, Truth } from "../expression/expression.ts";

/** What a signal is of. Only what applies is set. */
export interface SignalSubject {
  readonly upstream?: string;
  readonly endpoint?: string;
  readonly route?: string;
  readonly process?: string;
  /** `NAME.INDEX`. */
  readonly instance?: string;
}

/** One reading, in the signal's own unit: ratios 0 to 1, seconds, bytes, per second. */
export interface Reading {
  readonly subject: SignalSubject;
  /** Undefined: nobody measured it, or too little to say. Never zero, never healthy. */
  readonly value: number | undefined;
  /** What the value rests on: requests, samples. */
  readonly samples: number;
  /** When it was measured, by the reader's own clock. */
  readonly atMs: number;
  /** Why the value is unknown, where that can be said: `connection refused`. */
  readonly note?: string;
}

/** Reads signals now. One reading per subject the reference speaks of; none where there is no such
 * thing. What is asked for the first time is measured from then on. Any selector narrows, also one
 * that the subject only follows from: `process` narrows endpoints to those of its instances. */
export interface SignalReader {
  read(ref: SignalRef): readonly Reading[];
}

/** What became of one condition for one subject. */
export interface ConditionState {
  readonly subject: SignalSubject;
  readonly truth: Truth;
  /** Since when, wall clock. */
  readonly sinceMs: number;
  /** The first moment of the present run of true readings, `for` included: when the trouble began. */
  readonly firstTrueAtMs: number | undefined;
  /** `p99 = 812 ms (> 800 ms), 340 requests`: value, bound and what it rests on. */
  readonly explanation: string;
}

/** One condition followed over time, apart for each subject. Pure but for what `reader` reads. */
export interface ConditionWatch {
  /** Looks now. Subjects that are gone are forgotten. */
  look(nowMs: number): readonly ConditionState[];
  /** Forgets how long anything has been true: after an action, signals are judged anew. */
  clear(subject?: SignalSubject): void;
}

/** `within` narrows every reference that names no selector of its own. */
export type CreateConditionWatch = (
  expression: Expression,
  reader: SignalReader,
  within: SignalSubject,
) => ConditionWatch;
