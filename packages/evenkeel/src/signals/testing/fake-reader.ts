/** Signals that a test turns by hand. */
import type { SignalRef } from "../../expression/expression.ts";
import type { Reading, SignalReader, SignalSubject } from "../contract.ts";
import { matches } from "../subject.ts";

/** Readings by signal; a query's by its text. */
export interface FakeReader extends SignalReader {
  set(signal: string, subject: SignalSubject, value: number | undefined, note?: string): void;
  remove(signal: string): void;
}

/** Reads nothing yet. */
export function createFakeReader(nowMs: () => number): FakeReader {
  const readings = new Map<string, Map<string, Reading>>();
  return {
    set(signal, subject, value, note) {
      const of = readings.get(signal) ?? new Map<string, Reading>();
      readings.set(signal, of);
      const samples = value === undefined ? 0 : 340;
      of.set(JSON.stringify(subject), {
        subject,
        value,
        samples,
        atMs: nowMs(),
        ...(note !== undefined && { note }),
      });
    },
    remove: (signal) => void readings.delete(signal),
    read({ name, query, selector }: SignalRef) {
      const of = readings.get(query ?? name);
      return [...(of?.values() ?? [])].filter(({ subject }) => matches(subject, selector));
    },
  };
}
