/** The generator: its threads, and the steps they carry out together. */
import { Worker } from "node:worker_threads";

import { createMonotonicClock } from "./clock.ts";
import type { LoadRequest } from "./load-request.ts";
import { type Interval, mergeReports, type StepMeasurement, Timeline } from "./step-measurement.ts";
import type {
  FromThread,
  StepOrder,
  StepReport,
  ThreadSettings,
  ToThread,
} from "./thread-messages.ts";

export interface GeneratorOptions {
  readonly request: LoadRequest;
  readonly threads: number;
  readonly polling: boolean;
}

/** One step of load, of all threads together. */
export type StepLoad = { readonly warmUpMs: number; readonly holdMs: number } & (
  | {
      readonly mode: "open";
      readonly ratePerSecond: number;
      readonly maxConnections: number;
      readonly maxQueue: number;
    }
  | { readonly mode: "closed"; readonly connections: number }
);

export interface Generator {
  /** Runs one step to its end, answers included; one at a time. `progress` is called about once a
   * second and thread with the second that it filled. */
  run(step: StepLoad, progress?: (interval: Interval) => void): Promise<StepMeasurement>;
  /** Ends the step that runs soon: what is out gets a second. */
  cut(): void;
  close(): Promise<void>;
}

/** Time for orders to reach all threads. */
const headStartMs = 20;
const cutGraceMs = 1_000;
/** Room for young objects, so that collecting them stays rare and short. */
const youngGenerationMb = 64;

/** Resolves once the threads run. No connection is opened yet. */
export async function createGenerator(options: GeneratorOptions): Promise<Generator> {
  const clock = createMonotonicClock();
  const threads = Array.from({ length: options.threads }, (_, thread) =>
    spawn({ ...options, thread }),
  );
  await Promise.all(threads.map((thread) => thread.next("ready")));
  const post = (message: ToThread): void => {
    for (const thread of threads) thread.worker.postMessage(message, []);
  };
  let runningStep: { cutAtMs: number | undefined; started: boolean } | undefined;

  return {
    async run(step, progress = () => {}) {
      const current: { cutAtMs: number | undefined; started: boolean } = {
        cutAtMs: undefined,
        started: false,
      };
      runningStep = current;
      if (step.mode === "closed") await openAll(threads, step.connections);
      const startMs = clock() + headStartMs;
      const windowStartMs = startMs + step.warmUpMs;
      const windowEndMs = windowStartMs + step.holdMs;
      const timeline = new Timeline(windowStartMs);
      const times = { startMs, windowStartMs, windowEndMs };
      const reports = threads.map((thread, index) =>
        runOn(thread, orderFor(step, times, index, threads.length), (interval) =>
          progress(timeline.add(interval)),
        ),
      );
      current.started = true;
      if (current.cutAtMs !== undefined) {
        post({ kind: "cut", atMs: current.cutAtMs, graceMs: cutGraceMs });
      }
      const merged = await Promise.all(reports);
      runningStep = undefined;
      const endMs = Math.min(windowEndMs, current.cutAtMs ?? windowEndMs);
      const window = {
        windowStartMs,
        windowMs: Math.max(0, endMs - windowStartMs),
        cutShort: endMs < windowEndMs,
      };
      return mergeReports(window, merged, timeline.intervals());
    },
    cut() {
      if (!runningStep || runningStep.cutAtMs !== undefined) return;
      runningStep.cutAtMs = clock();
      if (runningStep.started) {
        post({ kind: "cut", atMs: runningStep.cutAtMs, graceMs: cutGraceMs });
      }
    },
    async close() {
      post({ kind: "close" });
      await Promise.all(threads.map(({ ended }) => ended));
    },
  };
}

/** A thread, and how to listen to it. */
interface RunningThread {
  readonly worker: Worker;
  readonly ended: Promise<unknown>;
  /** The next message of that kind; rejects where the thread dies first. */
  next<Kind extends FromThread["kind"]>(
    kind: Kind,
  ): Promise<Extract<FromThread, { readonly kind: Kind }>>;
  listen(listener: (message: FromThread) => void): void;
}

function spawn(settings: ThreadSettings): RunningThread {
  // The published package has this module compiled, and the thread's beside it.
  const extension = import.meta.filename.endsWith(".ts") ? "ts" : "js";
  const worker = new Worker(new URL(`thread.${extension}`, import.meta.url), {
    name: `load ${settings.thread}`,
    workerData: settings,
    resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMb },
  });
  let listener: (message: FromThread) => void = () => {};
  let fail: (error: Error) => void = () => {};
  let died: Error | undefined;
  worker.on("message", (message: FromThread) => listener(message));
  worker.on("error", (error: unknown) => {
    died = error instanceof Error ? error : new Error(String(error));
    fail(died);
  });
  return {
    worker,
    // Not `once` of node:events: it rejects on an error, which who waits for `next` hears of.
    ended: new Promise((resolve) => void worker.once("exit", resolve)),
    listen: (next) => void (listener = next),
    next: (kind) =>
      new Promise((resolve, reject) => {
        if (died) return reject(died);
        fail = reject;
        const before = listener;
        listener = (message) => {
          before(message);
          if (message.kind !== kind) return;
          listener = before;
          resolve(message as Extract<FromThread, { readonly kind: typeof kind }>);
        };
      }),
  };
}

async function runOn(
  thread: RunningThread,
  order: StepOrder,
  progress: (interval: Extract<FromThread, { kind: "interval" }>["interval"]) => void,
): Promise<StepReport> {
  thread.listen((message) => {
    if (message.kind === "interval") progress(message.interval);
  });
  const done = thread.next("done");
  thread.worker.postMessage({ kind: "run", order } satisfies ToThread, []);
  return (await done).report;
}

async function openAll(threads: readonly RunningThread[], connections: number): Promise<void> {
  await Promise.all(
    threads.map(async (thread, index) => {
      const opened = thread.next("opened");
      const share = shareOf(connections, index, threads.length);
      thread.worker.postMessage({ kind: "open", connections: share } satisfies ToThread, []);
      await opened; // What could not be opened shows in the step: it is tried again there.
    }),
  );
}

function orderFor(
  step: StepLoad,
  times: { startMs: number; windowStartMs: number; windowEndMs: number },
  thread: number,
  threads: number,
): StepOrder {
  if (step.mode === "closed") {
    return { mode: "closed", ...times, connections: shareOf(step.connections, thread, threads) };
  }
  return {
    mode: "open",
    ...times,
    ratePerSecond: step.ratePerSecond,
    maxConnections: shareOf(step.maxConnections, thread, threads),
    maxQueue: shareOf(step.maxQueue, thread, threads),
  };
}

/** So that the shares of all threads add up. */
function shareOf(total: number, thread: number, threads: number): number {
  return Math.floor(total / threads) + (thread < total % threads ? 1 : 0);
}
