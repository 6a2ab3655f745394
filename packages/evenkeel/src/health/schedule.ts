/**
 * When checks run: one at a time per endpoint, at most `concurrency` over all, first ones at once.
 *
 * One plain platform timer per endpoint: Node keeps timers of a duration in a list and the
 * durations in a heap, so ten thousand of them cost what a heap of our own would. Only checks that
 * are due wait in the queue, so it never holds more than one entry per endpoint.
 */
import type { HealthCheckSettings } from "../snapshot/desired.ts";
import type { Clock, TimerHandle, Timers } from "./clock.ts";
import type { ProbeResult } from "./probes/probe.ts";

/** What a schedule needs; `K` is whatever stands for an endpoint, compared by identity. */
export interface ScheduleDeps<K> {
  readonly clock: Clock;
  readonly timers: Timers;
  /** Checks running at the same time, over all endpoints. */
  readonly concurrency: number;
  /** Never rejects, and settles soon after `signal` aborts. */
  check(key: K, signal: AbortSignal): Promise<ProbeResult>;
  /** Not called for a check whose endpoint was stopped or restarted meanwhile. */
  onResult(key: K, result: ProbeResult): void;
  /** Milliseconds from the start of the last check to the next; asked after `onResult`. */
  delayMs(key: K): number;
}

/** A running schedule. */
export interface Schedule<K> {
  /** Checks now and from then on; a check of the same endpoint that is under way is cancelled. */
  start(key: K): void;
  /** Cancels at once. Without effect for an endpoint that was not started. */
  stop(key: K): void;
  /** Checks running now: never more than the bound. */
  running(): number;
  /** Stops all; resolves when the last cancelled check has settled. */
  close(): Promise<void>;
}

/** The time from one check's start to the next: fast while counting, jittered either way so that
 * endpoints added together drift apart. `random` is uniform in [0, 1). */
export function checkDelayMs(
  settings: HealthCheckSettings,
  counting: boolean,
  random: () => number,
): number {
  const interval = counting ? settings.fastIntervalMs : settings.intervalMs;
  const spread = (interval * settings.jitterPercent) / 100;
  return Math.max(1, interval - spread + 2 * spread * random());
}

interface Job {
  timer: TimerHandle | undefined;
  controller: AbortController | undefined;
  stopped: boolean;
}

/** Starts empty; the caller adds endpoints. */
export function createSchedule<K>(deps: ScheduleDeps<K>): Schedule<K> {
  const jobs = new Map<K, Job>();
  /** Insertion order is the queue; a stopped endpoint leaves it at once. */
  const waiting = new Map<Job, K>();
  const settling = new Set<Promise<void>>();
  let running = 0;

  const fill = (): void => {
    for (const [job, key] of waiting) {
      if (running >= deps.concurrency) return;
      waiting.delete(job);
      begin(job, key);
    }
  };
  const begin = (job: Job, key: K): void => {
    running++;
    const done = carryOut(job, key).finally(() => {
      running--;
      settling.delete(done);
      fill();
    });
    settling.add(done);
  };
  const carryOut = async (job: Job, key: K): Promise<void> => {
    const startedMs = deps.clock.monotonicMs();
    job.controller = new AbortController();
    const result = await deps.check(key, job.controller.signal);
    job.controller = undefined;
    if (job.stopped) return;
    deps.onResult(key, result);
    // The listener may have stopped this very endpoint.
    if (!job.stopped) again(job, key, startedMs);
  };
  const again = (job: Job, key: K, startedMs: number): void => {
    const elapsedMs = deps.clock.monotonicMs() - startedMs;
    const delayMs = Math.max(0, deps.delayMs(key) - elapsedMs);
    job.timer = deps.timers.setTimeout(() => {
      job.timer = undefined;
      waiting.set(job, key);
      fill();
    }, delayMs);
  };
  const stop = (key: K): void => {
    const job = jobs.get(key);
    if (!job) return;
    jobs.delete(key);
    job.stopped = true;
    waiting.delete(job);
    if (job.timer !== undefined) deps.timers.clearTimeout(job.timer);
    job.controller?.abort();
  };
  return {
    start(key) {
      stop(key);
      const job: Job = { timer: undefined, controller: undefined, stopped: false };
      jobs.set(key, job);
      waiting.set(job, key);
      fill();
    },
    stop,
    running: () => running,
    async close() {
      jobs.forEach((_job, key) => stop(key));
      while (settling.size > 0) await Promise.all(settling);
    },
  };
}
