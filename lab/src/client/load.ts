/**
 * A load in a thread of its own, so that the laboratory's other work does not disturb it.
 */
import { Worker } from "node:worker_threads";

import { epochNowMs, type LoadPlan } from "./load-plan.ts";
import { createRecording, type Recording } from "./recording.ts";

/** The load to send. */
export interface LoadOptions {
  readonly port: number;
  readonly ratePerSecond: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
}

/** A load under way; disposing of it ends it at once. */
export interface Load extends AsyncDisposable {
  /** Filled while it runs. */
  readonly recording: Recording;
  /** When the record begins, as `epochNowMs` tells the time. */
  readonly beginsAt: number;
  /** Resolves when every request has an outcome. */
  readonly done: Promise<void>;
}

/** Many clients, as seen by a balancer. */
const CONNECTIONS = 64;
/** Longer than any balancer here takes to give up. */
const PATIENCE_MS = 10_000;
/** The thread's own start. */
const HEAD_START_MS = 150;

/** Starts a load: first the warm-up, then what is recorded. */
export function startLoad(options: LoadOptions): Load {
  const { ratePerSecond, seconds, warmUpSeconds } = options;
  const recording = createRecording(Math.round(ratePerSecond * seconds));
  const plan: LoadPlan = {
    port: options.port,
    ratePerSecond,
    warmUpRequests: Math.round(ratePerSecond * warmUpSeconds),
    beginsAt: epochNowMs() + HEAD_START_MS + warmUpSeconds * 1_000,
    connections: CONNECTIONS,
    patienceMs: PATIENCE_MS,
    recording,
  };
  const worker = new Worker(new URL("client-thread.ts", import.meta.url), { workerData: plan });
  const done = new Promise<void>((resolve, reject) => {
    worker.once("error", reject);
    worker.once("exit", () => resolve());
  });
  // Whoever disposes of a load that failed has been told by `done`, or does not ask.
  done.catch(() => {});
  return {
    recording,
    beginsAt: plan.beginsAt,
    done,
    async [Symbol.asyncDispose]() {
      await worker.terminate();
    },
  };
}
