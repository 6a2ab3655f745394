/**
 * Asks for things again and again in the background, as long as somebody wants the answers: a few at
 * a time, each no sooner than an interval after its last answer.
 */
import type { TimerHandle, Timers } from "../health/clock.ts";

/** What a poller needs. */
export interface PollerDeps<O, T> {
  readonly timers: Timers;
  readonly nowMs: () => number;
  readonly everyMs: () => number;
  /** Asked at the same time. */
  readonly concurrency: number;
  /** Things asked for at the same time over all; more get no answer. */
  readonly most: number;
  /** Nobody wanted it for so long: it is forgotten. */
  readonly forgetAfterMs: number;
  /** Must not throw. `before` is the answer before. */
  ask(order: O, before: T | undefined, life: AbortSignal): Promise<T>;
}

/** An answer and when it came. */
export interface Answer<T> {
  readonly value: T;
  readonly atMs: number;
}

/** Things asked for by id. */
export interface Poller<O, T> {
  /** The last answer; starts asking where nobody did. `full`: no room for another one. */
  want(id: string, order: O): Answer<T> | "full" | undefined;
  /** Ends all questions; resolves when none is left. */
  close(): Promise<void>;
}

interface Job<O, T> {
  readonly id: string;
  order: O;
  wantedAtMs: number;
  answer: Answer<T> | undefined;
  timer: TimerHandle | undefined;
}

/** Starts with nothing to ask. */
export function createPoller<O, T>(deps: PollerDeps<O, T>): Poller<O, T> {
  const jobs = new Map<string, Job<O, T>>();
  const waiting = new Set<Job<O, T>>();
  const running = new Set<Promise<void>>();
  const life = new AbortController();

  const fill = (): void => {
    for (const job of waiting) {
      if (running.size >= deps.concurrency || life.signal.aborted) return;
      waiting.delete(job);
      const done = carryOut(job).finally(() => {
        running.delete(done);
        fill();
      });
      running.add(done);
    }
  };
  const carryOut = async (job: Job<O, T>): Promise<void> => {
    const value = await deps.ask(job.order, job.answer?.value, life.signal);
    if (life.signal.aborted) return;
    job.answer = { value, atMs: deps.nowMs() };
    job.timer = deps.timers.setTimeout(() => again(job), deps.everyMs());
  };
  const again = (job: Job<O, T>): void => {
    job.timer = undefined;
    if (deps.nowMs() - job.wantedAtMs > deps.forgetAfterMs) {
      jobs.delete(job.id);
      return;
    }
    waiting.add(job);
    fill();
  };
  return {
    want(id, order) {
      const known = jobs.get(id);
      if (known) {
        known.order = order;
        known.wantedAtMs = deps.nowMs();
        return known.answer;
      }
      if (life.signal.aborted || jobs.size >= deps.most) return "full";
      const job = { id, order, wantedAtMs: deps.nowMs(), answer: undefined, timer: undefined };
      jobs.set(id, job);
      waiting.add(job);
      fill();
      return undefined;
    },
    async close() {
      life.abort();
      for (const { timer } of jobs.values()) deps.timers.clearTimeout(timer);
      jobs.clear();
      waiting.clear();
      await Promise.all(running);
    },
  };
}
