/**
 * Puts the states of two parts of a condition together, subject by subject. Pure.
 *
 * `and` joins whatever may be said of one thing: an upstream and its endpoints, an endpoint and its
 * instance; two that say nothing of each other are said together. `or` joins only where one covers the
 * other; what stands alone keeps its own truth.
 */
import { all, any } from "../expression/evaluate.ts";
import type { Truth } from "../expression/expression.ts";
import type { SignalSubject } from "./contract.ts";
import { compatible, merged, related, subjectKey } from "./subject.ts";

/** More than so many states of one condition are cut off. */
export const MOST_STATES = 10_000;

/** One part of a condition, for one subject, now. */
export interface PartState {
  readonly subject: SignalSubject;
  readonly truth: Truth;
  readonly firstTrueAtMs: number | undefined;
  readonly explanation: string;
}

/** Both parts together. Where one of them has no subject at all, `and` is unknown (or false). */
export function join(
  kind: "and" | "or",
  left: readonly PartState[],
  right: readonly PartState[],
): readonly PartState[] {
  const fits = kind === "and" ? compatible : related;
  const leftKeys = new Set(left.map(({ subject }) => subjectKey(subject)));
  const rightByKey = new Map(right.map((state) => [subjectKey(state.subject), state] as const));
  const joined = new Set<PartState>();
  const states: PartState[] = [];
  for (const one of left) {
    if (states.length >= MOST_STATES) break;
    const exact = rightByKey.get(subjectKey(one.subject));
    const partners = exact
      ? [exact]
      : right.filter(
          ({ subject }) => fits(one.subject, subject) && !leftKeys.has(subjectKey(subject)),
        );
    for (const other of partners) {
      joined.add(other);
      states.push(together(kind, one, other));
    }
    if (partners.length === 0) states.push(...alone(kind, one, right));
  }
  for (const other of right) {
    if (!joined.has(other)) states.push(...alone(kind, other, left));
  }
  return states.slice(0, MOST_STATES);
}

function alone(
  kind: "and" | "or",
  state: PartState,
  others: readonly PartState[],
): readonly PartState[] {
  // Somebody narrower already speaks for it.
  if (others.some(({ subject }) => related(subject, state.subject))) return [];
  if (kind === "or") return [state];
  if (others.length > 0) return [];
  return [{ ...state, truth: all([state.truth, "unknown"]), firstTrueAtMs: undefined }];
}

function together(kind: "and" | "or", one: PartState, other: PartState): PartState {
  const parts = [one, other];
  const subject = merged(one.subject, other.subject);
  const truths = parts.map(({ truth }) => truth);
  const telling = parts.filter(({ truth }) => truth === "true");
  const began = (of: readonly PartState[]): number[] =>
    of.flatMap(({ firstTrueAtMs }) => firstTrueAtMs ?? []);
  if (kind === "and") {
    const all_ = began(parts);
    return {
      subject,
      truth: all(truths),
      // All of it is true from when the last part became so.
      firstTrueAtMs: all_.length === parts.length ? Math.max(...all_) : undefined,
      explanation: parts.map(({ explanation }) => explanation).join(" and "),
    };
  }
  const first = began(telling.length > 0 ? telling : parts);
  return {
    subject,
    truth: any(truths),
    firstTrueAtMs: first.length > 0 ? Math.min(...first) : undefined,
    explanation: (telling.length > 0 ? telling : parts)
      .map(({ explanation }) => explanation)
      .join(" or "),
  };
}
