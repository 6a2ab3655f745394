/** Keeps one thread alive: starts it, and starts another when it dies. */
import type { Worker } from "node:worker_threads";
import { nextDelay, type BackoffSettings } from "./backoff.ts";

export interface ThreadSlotOptions<Incoming> {
  readonly backoff: BackoffSettings;
  /** Makes a new thread; called for every start. */
  readonly spawn: () => Worker;
  readonly message: (incoming: Incoming) => void;
  /** The thread has ended without being asked to and nothing of it runs any more. `error` is what it
   * threw, undefined where it just ended; a successor starts after `delayMs`. */
  readonly died: (error: Error | undefined, delayMs: number) => void;
  /** A successor was started. */
  readonly replaced: () => void;
}

export interface ThreadSlot<Outgoing> {
  /** Starts the first thread. */
  start(): void;
  /** Sends to the living thread; lost where there is none, so tell successors again. */
  post(message: Outgoing): void;
  /** Ends the thread as if it had died: it is replaced. */
  kill(): void;
  /** Ends the thread for good; with a wait, it may first end by itself. */
  stop(waitMs?: number): Promise<void>;
  /** Threads started after the first. */
  readonly restarts: number;
  /** When the living thread was started, milliseconds since the epoch; 0 before the first. */
  readonly startedAtMs: number;
  readonly alive: boolean;
}

/** A slot without a thread; call `start`. */
export function createThreadSlot<Outgoing, Incoming>(
  options: ThreadSlotOptions<Incoming>,
): ThreadSlot<Outgoing> {
  let worker: Worker | undefined;
  let startedAtMs = 0;
  let restarts = 0;
  let delayMs = 0;
  let stopping = false;
  let timer: NodeJS.Timeout | undefined;
  let ended: Promise<void> = Promise.resolve();

  const launch = (): void => {
    let thrown: Error | undefined;
    const current = options.spawn();
    worker = current;
    startedAtMs = Date.now();
    current.on("message", options.message);
    current.on("messageerror", (error: Error) => (thrown ??= error));
    current.on("error", (error: unknown) => {
      thrown ??= error instanceof Error ? error : new Error(String(error));
    });
    ended = new Promise((resolve) => {
      current.once("exit", () => {
        worker = undefined;
        resolve();
        if (!stopping) replace(thrown);
      });
    });
  };

  const replace = (thrown: Error | undefined): void => {
    delayMs = nextDelay(options.backoff, delayMs, Date.now() - startedAtMs);
    options.died(thrown, delayMs);
    if (stopping) return;
    timer = setTimeout(() => {
      restarts++;
      launch();
      options.replaced();
    }, delayMs);
  };

  return {
    start: launch,
    post: (message) => worker?.postMessage(message, []),
    kill: () => void worker?.terminate(),
    async stop(waitMs = 0) {
      stopping = true;
      clearTimeout(timer);
      if (waitMs > 0) await settledWithin(ended, waitMs);
      await worker?.terminate();
    },
    get restarts() {
      return restarts;
    },
    get startedAtMs() {
      return startedAtMs;
    },
    get alive() {
      return worker !== undefined;
    },
  };
}

async function settledWithin(promise: Promise<void>, waitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, waitMs);
  });
  await Promise.race([promise, timeout]);
  clearTimeout(timer);
}
