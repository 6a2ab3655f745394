/** What readings are of, compared and put together. Pure. */
import type { SignalSubject } from "./contract.ts";

/** From the widest to the narrowest. */
const kinds = ["route", "upstream", "endpoint", "process", "instance"] as const;

/** One comparable word per subject; names are never empty and hold no zero byte. */
export function subjectKey({
  route = "",
  upstream = "",
  endpoint = "",
  process = "",
  instance = "",
}: SignalSubject): string {
  return `${route}\0${upstream}\0${endpoint}\0${process}\0${instance}`;
}

/** True where `wide` says nothing that `narrow` does not: everything is covered by `{}`. */
export function covers(wide: SignalSubject, narrow: SignalSubject): boolean {
  return kinds.every((kind) => wide[kind] === undefined || wide[kind] === narrow[kind]);
}

/** True where one of them covers the other. */
export function related(one: SignalSubject, other: SignalSubject): boolean {
  return covers(one, other) || covers(other, one);
}

/** True where nothing that both say differs: they may be said of one thing. */
export function compatible(one: SignalSubject, other: SignalSubject): boolean {
  return kinds.every(
    (kind) => one[kind] === undefined || other[kind] === undefined || one[kind] === other[kind],
  );
}

/** True where the reference says itself what it is of. */
export function isNamed(selector: Readonly<Record<string, string>>): boolean {
  return kinds.some((kind) => selector[kind] !== undefined);
}

/** Both together; where they differ the second wins. */
export function merged(one: SignalSubject, other: SignalSubject): SignalSubject {
  return { ...one, ...other };
}

/** True where the subject is what the selector asks for; `*` takes any that has such a part. */
export function matches(
  subject: SignalSubject,
  selector: Readonly<Record<string, string>>,
): boolean {
  return kinds.every((kind) => {
    const wanted = selector[kind];
    if (wanted === undefined) return true;
    const has = subject[kind];
    return has !== undefined && (wanted === "*" || wanted === has);
  });
}
