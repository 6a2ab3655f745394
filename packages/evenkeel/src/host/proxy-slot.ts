/** One proxy as the host keeps it: its thread and what it said of itself. */
import { Worker } from "node:worker_threads";
import type { Board } from "../board/board.ts";
import { forgetWorker } from "../board/forget-worker.ts";
import { breakLocks } from "../board/lock.ts";
import type { FromProxy, ProxyFacts, ProxyStart, ToProxy } from "../snapshot/messages.ts";
import type { Log } from "../telemetry/log.ts";
import { listenProblem } from "../telemetry/listen-problem.ts";
import { createThreadSlot } from "./thread-slot.ts";

export interface ProxySlotOptions {
  readonly entry: URL;
  readonly board: Board;
  readonly worker: number;
  readonly log: Log;
  /** What a thread that starts now is to be handed. */
  readonly start: () => Omit<ProxyStart, "board" | "workers" | "worker">;
  /** Something in `facts` changed. */
  readonly changed: () => void;
  /** Nothing is in flight any more, after `drain`: so many requests were cut for it. */
  readonly drained: (cut: number) => void;
}

export interface ProxySlot {
  start(): void;
  post(message: ToProxy): void;
  /** A thread without a sign of life: ended and replaced. */
  replaceStuck(): void;
  drain(graceMs: number): void;
  stop(): Promise<void>;
  facts(): ProxyFacts;
}

const backoff = { firstMs: 100, maxMs: 5000, stableMs: 5000 };
/** A request's objects die young: with more room fewer of them are ever looked at. */
const limits = { maxOldGenerationSizeMb: 2048, maxYoungGenerationSizeMb: 64 };

/** A slot without a thread; call `start`. What a dead thread held on the board is given back before
 * its successor starts. */
export function createProxySlot(options: ProxySlotOptions): ProxySlot {
  const { board, worker, log } = options;
  let state: ProxyFacts["state"] = "starting";
  let version = 0;
  let listening: ProxyFacts["listening"][number][] = [];
  let failed: ProxyFacts["failed"][number][] = [];
  /** Addresses it has to try before it is up. */
  let addresses = 0;
  let isReady = false;

  const slot = createThreadSlot<ToProxy, FromProxy>({
    backoff,
    spawn() {
      state = "starting";
      version = 0;
      listening = [];
      failed = [];
      isReady = false;
      const given = options.start();
      addresses = given.snapshot.listeners.flatMap((listener) => listener.addresses).length;
      const start = { ...given, board: board.buffer, workers: board.workers, worker };
      return new Worker(options.entry, {
        workerData: start satisfies ProxyStart,
        resourceLimits: limits,
        name: `proxy-${worker}`,
      });
    },
    message(event) {
      note(event);
      if (event.kind === "drained") options.drained(event.cut);
      else options.changed();
    },
    died(error, delayMs) {
      breakLocks(board.lock, worker);
      forgetWorker(board, worker);
      const drains = state === "draining";
      state = "dead";
      log.error({ error, proxy: worker, restart_in_ms: delayMs }, "a proxy thread died");
      options.changed();
      if (drains) void giveUp();
    },
    replaced() {
      log.info({ proxy: worker, restarts: slot.restarts }, "the proxy thread was replaced");
      options.changed();
    },
  });

  /** While draining nobody is replaced: the dead have nothing in flight. */
  const giveUp = async (): Promise<void> => {
    await slot.stop();
    options.drained(0);
  };

  const note = (event: FromProxy): void => {
    switch (event.kind) {
      case "ready":
        isReady = true;
        break;
      case "listening": {
        const { listener, host, port } = event;
        listening = [...without(listening, event), { listener, host, port }];
        const others = without(failed, event);
        if (others.length < failed.length) {
          log.info(
            { proxy: worker, listener },
            `the address ${host} port ${port} can be had again`,
          );
        }
        failed = others;
        break;
      }
      case "listen_failed": {
        const { listener, host, port, code } = event;
        failed = [...without(failed, event), { listener, host, port, code }];
        log.error({ proxy: worker, listener, code }, listenProblem(host, port, code));
        break;
      }
      case "applied":
        version = event.version;
        break;
      case "drained":
        break;
    }
    const tried = listening.length + failed.length;
    if (state === "starting" && isReady && tried >= addresses) state = "running";
  };

  return {
    start: () => slot.start(),
    post: (message) => slot.post(message),
    replaceStuck() {
      log.error({ proxy: worker }, "a proxy thread gives no sign of life: it is replaced");
      slot.kill();
    },
    drain(graceMs) {
      if (slot.alive) {
        state = "draining";
        slot.post({ kind: "drain", deadlineMs: graceMs });
      } else void giveUp();
    },
    stop: () => slot.stop(),
    facts() {
      // A listener that was taken out of the configuration is not told of any more.
      const { listeners } = options.start().snapshot;
      const isWanted = (one: { listener: string; host: string; port: number }): boolean =>
        listeners.some(
          ({ name, addresses }) =>
            name === one.listener &&
            addresses.some(
              ({ host, port }) => host === one.host && (port === 0 || port === one.port),
            ),
        );
      return {
        worker,
        state,
        startedAtMs: slot.startedAtMs,
        restarts: slot.restarts,
        version,
        listening: listening.filter(isWanted),
        failed: failed.filter(isWanted),
      };
    },
  };
}

function without<One extends { listener: string; host: string; port: number }>(
  list: readonly One[],
  gone: { listener: string; host: string; port: number },
): One[] {
  return list.filter(
    (one) => one.listener !== gone.listener || one.host !== gone.host || one.port !== gone.port,
  );
}
