/** Follows one condition over time, apart for each subject. */
import { compare } from "../expression/evaluate.ts";
import type { Expression, SignalRef } from "../expression/expression.ts";
import { formatDuration } from "../lib/duration.ts";
import type {
  ConditionState,
  ConditionWatch,
  CreateConditionWatch,
  Reading,
  SignalReader,
  SignalSubject,
} from "./contract.ts";
import { explainReading } from "./explain.ts";
import { join, type PartState } from "./join.ts";
import { afterLook, hasLasted, type Run } from "./run.ts";
import { compatible, covers, isNamed, related, subjectKey } from "./subject.ts";

type Comparison = Extract<Expression, { kind: "comparison" }>;
type Lasting = Extract<Expression, { kind: "lasting" }>;

/** One part of the condition with its memory. */
interface Part {
  look(nowMs: number): readonly PartState[];
  clear(subject: SignalSubject | undefined): void;
}

/** What is remembered of a subject. */
interface Memory {
  readonly subject: SignalSubject;
  readonly run: Run | undefined;
  /** When what is now true began. */
  readonly beganMs: number | undefined;
}

/** Remembers nothing yet. Memory is bounded by the subjects that are there. */
export const createConditionWatch: CreateConditionWatch = (expression, reader, within) => {
  const part = createPart(expression, reader, within);
  let since = new Map<string, ConditionState>();
  return {
    look(nowMs) {
      const states = part.look(nowMs).map((state): ConditionState => {
        const before = since.get(subjectKey(state.subject));
        const sinceMs = before?.truth === state.truth ? before.sinceMs : nowMs;
        return { ...state, sinceMs };
      });
      since = new Map(states.map((state) => [subjectKey(state.subject), state]));
      return states;
    },
    clear(subject) {
      part.clear(subject);
      for (const [key, state] of since) {
        if (subject === undefined || related(subject, state.subject)) since.delete(key);
      }
    },
  } satisfies ConditionWatch;
};

function createPart(expression: Expression, reader: SignalReader, within: SignalSubject): Part {
  switch (expression.kind) {
    case "comparison":
      return createComparison(expression, reader, within);
    case "lasting":
      return createLasting(expression, createPart(expression.of, reader, within));
    case "and":
    case "or":
    default: {
      const parts = expression.parts.map((part) => createPart(part, reader, within));
      return {
        look: (nowMs) =>
          parts
            .map((part) => part.look(nowMs))
            .reduce((left, right) => join(expression.kind, left, right)),
        clear(subject) {
          for (const part of parts) part.clear(subject);
        },
      };
    }
  }
}

function createComparison(
  comparison: Comparison,
  reader: SignalReader,
  within: SignalSubject,
): Part {
  const ref = narrowed(comparison.signal, within);
  const memories = createMemories();
  return {
    look(nowMs) {
      const read = reader.read(ref).filter(({ subject }) => isWithin(ref, subject, within));
      const readings = withAbsent(read, memories.all());
      const states = readings.map((reading): PartState => {
        const truth = compare(reading.value, comparison.comparator, comparison.value);
        const before = memories.get(reading.subject);
        const run = afterLook(before?.run, truth, nowMs);
        const beganMs = run?.sinceMs;
        memories.set({ subject: reading.subject, run, beganMs });
        const explanation = explainReading(comparison, reading);
        return { subject: reading.subject, truth, firstTrueAtMs: beganMs, explanation };
      });
      memories.keep(states);
      return states;
    },
    clear: (subject) => memories.clear(subject),
  };
}

/** A query that failed says nothing of anybody: whoever was known from it is unknown now. */
function withAbsent(readings: readonly Reading[], memories: readonly Memory[]): readonly Reading[] {
  const missing = readings.find(({ value, subject }) => value === undefined && isNobody(subject));
  if (!missing) return readings;
  const there = new Set(readings.map(({ subject }) => subjectKey(subject)));
  const absent = memories.filter(({ subject }) => !there.has(subjectKey(subject)));
  if (absent.length === 0) return readings;
  return [
    ...readings.filter((reading) => reading !== missing),
    ...absent.map(({ subject }) => ({ ...missing, subject })),
  ];
}

const isNobody = (subject: SignalSubject): boolean => covers(subject, {});

function createLasting(lasting: Lasting, of: Part): Part {
  const memories = createMemories();
  return {
    look(nowMs) {
      const states = of.look(nowMs).map((state): PartState => {
        const before = memories.get(state.subject);
        const run = afterLook(before?.run, state.truth, nowMs, lasting);
        const began = before?.run && run?.sinceMs === before.run.sinceMs;
        const beganMs = began ? before.beganMs : run && (state.firstTrueAtMs ?? run.sinceMs);
        memories.set({ subject: state.subject, run, beganMs });
        return {
          subject: state.subject,
          truth: hasLasted(run, state.truth, lasting),
          firstTrueAtMs: beganMs,
          explanation: `${state.explanation}${howLong(run, lasting)}`,
        };
      });
      memories.keep(states);
      return states;
    },
    clear(subject) {
      of.clear(subject);
      memories.clear(subject);
    },
  };
}

function howLong(run: Run | undefined, { forMs, times }: Lasting): string {
  if (!run) return "";
  if (times !== undefined) return `, ${Math.min(run.looks, times)} of ${times} times`;
  if (run.trueForMs >= forMs) return `, for ${formatDuration(forMs)}`;
  const seconds = Math.floor(run.trueForMs / 1000);
  return `, for ${seconds}s of ${formatDuration(forMs)}`;
}

/** What the reference speaks of where it does not say so itself. */
function narrowed(ref: SignalRef, within: SignalSubject): SignalRef {
  if (ref.query !== undefined || isNamed(ref.selector)) return ref;
  return { ...ref, selector: { ...within, ...ref.selector } };
}

/** A query can't be narrowed, its answer can. */
function isWithin(ref: SignalRef, subject: SignalSubject, within: SignalSubject): boolean {
  if (ref.query === undefined) return true;
  const exact = Object.fromEntries(Object.entries(within).filter(([, value]) => value !== "*"));
  return compatible(subject, exact);
}

function createMemories() {
  let memories = new Map<string, Memory>();
  return {
    get: (subject: SignalSubject): Memory | undefined => memories.get(subjectKey(subject)),
    all: (): readonly Memory[] => [...memories.values()],
    set(memory: Memory): void {
      memories.set(subjectKey(memory.subject), memory);
    },
    /** Whoever is not there any more is forgotten. */
    keep(states: readonly PartState[]): void {
      const there = new Set(states.map(({ subject }) => subjectKey(subject)));
      if (there.size === memories.size) return;
      memories = new Map([...memories].filter(([key]) => there.has(key)));
    },
    clear(subject: SignalSubject | undefined): void {
      for (const [key, memory] of memories) {
        if (subject === undefined || related(subject, memory.subject)) memories.delete(key);
      }
    },
  };
}
