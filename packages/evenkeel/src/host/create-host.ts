/**
 * The host: as small as an init. It owns the board's memory, starts control and the proxies, hands
 * messages on, and replaces whichever thread dies.
 */
import { Worker } from "node:worker_threads";
import { createBoard, workerGauge, type Board } from "../board/board.ts";
import { claimAddresses } from "../control/claim-addresses.ts";
import type {
  ControlStart,
  FromControl,
  HostSettings,
  ToControl,
  ToProxy,
} from "../snapshot/messages.ts";
import type { LivingChild } from "../processes/contract.ts";
import type { FaultSettings } from "../snapshot/fault.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";
import { readFileLimit } from "../lib/open-files.ts";
import { adjustLog, type Log } from "../telemetry/log.ts";
import { fileLimitWarning } from "./file-limit.ts";
import { canOpenFile, createFileShortageWatch } from "./file-shortage.ts";
import { createKeeping } from "./keeping.ts";
import { listenProblem } from "../telemetry/listen-problem.ts";
import { createProxySlot, type ProxySlot } from "./proxy-slot.ts";
import { createStuckWatch } from "./stuck-watch.ts";
import { snapshotMessage } from "../snapshot/snapshot-message.ts";
import { createThreadSlot } from "./thread-slot.ts";

export interface HostOptions {
  readonly configFile: string;
  /** Follow changes of the configuration file. */
  readonly watch: boolean;
  readonly log: Log;
  readonly entries: { readonly control: URL; readonly proxy: URL };
  /** Says in plain words why it can't start. */
  readonly complain: (line: string) => void;
  /** All proxies listen; called once. */
  readonly up: () => void;
  /** A thread silent for this long is replaced. */
  readonly stuckAfterMs: number;
}

export interface Host {
  /** Resolves with the exit code when everything has ended. */
  readonly ended: Promise<number>;
  reload(): void;
  reopenLogs(): void;
  /** Stops accepting, finishes what is in flight within the configured bound, stops the processes,
   * ends with 0. Asked a second time, ends at once with `exitCodeAtOnce`; processes then live on. */
  shutDown(exitCodeAtOnce: number): void;
  /** Throws in a thread outside any handler: proxy number or "control". */
  crash(thread: number | "control"): void;
}

/** `stopping`: the proxies are done, the processes are being stopped. */
type Phase = "starting" | "running" | "draining" | "stopping" | "ended";

const controlBackoff = { firstMs: 50, maxMs: 800, stableMs: 5000 };
const controlLimits = { maxOldGenerationSizeMb: 512 };
/** Beyond the grace of a drain, for the proxies' own cutting. */
const DRAIN_SLACK_MS = 2000;
const CONTROL_STOP_MS = 2000;
const LOOK_EVERY_MS = 1000;
/** Looks for stuck proxies come at least this often within the time allowed. */
const LOOKS = 4;

/** Starts everything. */
export function startHost(options: HostOptions): Host {
  const { log } = options;
  const startedAtMs = Date.now();
  const proxies: ProxySlot[] = [];
  let phase: Phase = "starting";
  let board: Board | undefined;
  let settings: HostSettings | undefined;
  let snapshot: Snapshot | undefined;
  let faults: readonly FaultSettings[] = [];
  const checkpoint: Record<string, unknown> = {};
  let drainTimer: NodeJS.Timeout | undefined;
  let controlSignMs = 0;
  /** Control is ready for orders; one that comes earlier is kept for it. */
  let listens = false;
  let reloadWanted = false;
  const drained = new Set<number>();
  let requestsCut = 0;
  const end = Promise.withResolvers<number>();

  const control = createThreadSlot<ToControl, FromControl>({
    backoff: controlBackoff,
    spawn() {
      const { configFile, watch } = options;
      const start: ControlStart = { configFile, watch, checkpoint, startedAtMs };
      return new Worker(options.entries.control, {
        workerData: start,
        resourceLimits: controlLimits,
        name: "control",
      });
    },
    message: (message) => onControl(message),
    died(error, delayMs) {
      listens = false;
      log.error({ error, restart_in_ms: delayMs }, "the control thread died; traffic goes on");
      if (proxies.length > 0) return;
      options.complain(`could not start: ${error?.message ?? "the control thread ended"}`);
      void finish(1);
    },
    replaced: () => log.info({ restarts: control.restarts }, "the control thread was replaced"),
  });

  const keeping = createKeeping({
    log,
    post: (message) => control.post({ kind: "keeper", message }),
  });

  const onControl = (message: FromControl): void => {
    switch (message.kind) {
      case "settings":
        return adopt(message.settings);
      case "snapshot":
        if (message.saved) checkpoint[message.saved.part] = message.saved.checkpoint;
        return void publish(message.snapshot);
      case "checkpoint":
        checkpoint[message.part] = message.checkpoint;
        return;
      case "keeper":
        return keeping.handle(message.message);
      case "faults":
        ({ faults } = message);
        return toProxies(message);
      case "processes_stopped":
        return void (phase === "stopping" && finish(0));
      case "ready":
        tellControl();
        listens = true;
        if (phase === "stopping") control.post({ kind: "stop_processes" });
        if (reloadWanted) reload();
        return;
      case "alive":
        controlSignMs = Date.now();
        return;
      case "fatal":
        return void finish(message.exitCode);
    }
  };

  const adopt = (next: HostSettings): void => {
    if (board && next.workers !== board.workers) {
      log.warn(
        { workers: board.workers, wanted: next.workers },
        "the number of proxy threads is fixed at start: restart to change it",
      );
    }
    settings = next;
    adjustLog(log, next.log);
    const problem = keeping.adopt(next);
    if (problem !== undefined && phase === "starting") {
      options.complain(problem);
      return void finish(1);
    }
    toProxies({ kind: "log", log: next.log });
    board ??= createBoard(next.workers);
    control.post({ kind: "board", board: board.buffer, workers: board.workers });
  };

  const publish = async (next: Snapshot): Promise<void> => {
    const before = snapshot;
    snapshot = next;
    if (before !== undefined) return toProxies(snapshotMessage(before, next));
    const failures = await claimAddresses(next);
    for (const { host, port, code } of failures) options.complain(listenProblem(host, port, code));
    if (failures.length > 0) return finish(1);
    warnOfFileLimit(next, log);
    if (phase === "starting" && board) startProxies(board);
  };

  const startProxies = (on: Board): void => {
    for (let worker = 0; worker < on.workers; worker++) {
      const slot = createProxySlot({
        entry: options.entries.proxy,
        board: on,
        worker,
        log,
        start: () => ({ snapshot: snapshot!, faults, log: settings!.log }),
        changed: () => onProxyChange(),
        drained: (cut) => onDrained(worker, cut),
      });
      proxies.push(slot);
      slot.start();
    }
  };

  const onProxyChange = (): void => {
    tellControl();
    if (phase !== "starting") return;
    const facts = proxies.map((proxy) => proxy.facts());
    const failure = facts.flatMap(({ failed }) => failed)[0];
    if (failure) {
      options.complain(listenProblem(failure.host, failure.port, failure.code));
      return void finish(1);
    }
    if (!facts.every(({ state }) => state === "running")) return;
    phase = "running";
    log.info({ proxies: facts.length, listening: facts[0]?.listening }, "up");
    options.up();
  };

  const tellControl = (): void => {
    control.post({
      kind: "proxies",
      proxies: proxies.map((proxy) => proxy.facts()),
      controlRestarts: control.restarts,
      draining: phase === "draining" || phase === "stopping",
    });
  };

  const reload = (): void => {
    reloadWanted = !listens;
    if (listens) control.post({ kind: "reload" });
  };

  const toProxies = (message: ToProxy): void => {
    for (const proxy of proxies) proxy.post(message);
  };

  const drain = (): void => {
    phase = "draining";
    const graceMs = settings?.graceMs ?? 0;
    log.info({ grace_ms: graceMs }, "shutting down: finishing what is in flight");
    tellControl();
    drainTimer = setTimeout(stopProcesses, graceMs + DRAIN_SLACK_MS);
    for (const proxy of proxies) proxy.drain(graceMs);
  };

  const onDrained = (worker: number, cut: number): void => {
    drained.add(worker);
    requestsCut += cut;
    if (phase !== "draining" || drained.size < proxies.length) return;
    if (requestsCut > 0) {
      log.warn({ requests: requestsCut }, "the grace is over: what was still in flight was cut");
    }
    stopProcesses();
  };

  /** Processes go last: what was in flight needed them. */
  const stopProcesses = (): void => {
    clearTimeout(drainTimer);
    if (!keeping.inUse) return void finish(0);
    phase = "stopping";
    const withinMs = settings?.stopProcessesMs ?? 0;
    log.info({ within_ms: withinMs, processes: namesOf(keeping.living()) }, "stopping processes");
    if (listens) control.post({ kind: "stop_processes" }); // Or else as soon as it is ready.
    drainTimer = setTimeout(() => {
      log.error({ processes: namesOf(keeping.living()) }, "not stopped in time: killed");
      keeping.killAll();
      void finish(0);
    }, withinMs + DRAIN_SLACK_MS);
  };

  const finish = async (exitCode: number): Promise<void> => {
    if (phase === "ended") return;
    const wasUp = phase !== "starting";
    phase = "ended";
    clearTimeout(drainTimer);
    clearInterval(looking);
    const left = namesOf(keeping.living());
    keeping.close();
    control.post({ kind: "shutdown" });
    await Promise.all([control.stop(CONTROL_STOP_MS), ...proxies.map((proxy) => proxy.stop())]);
    keeping.unlock();
    if (left.length > 0) {
      log.warn({ processes: left }, "these processes live on; the next start finds them");
    }
    if (wasUp) log.info({ exit_code: exitCode }, "ended");
    end.resolve(exitCode);
  };

  const replaceStuck = (thread: number): void => {
    if (thread < proxies.length) return proxies[thread]!.replaceStuck();
    log.error("the control thread gives no sign of life: it is replaced");
    return control.kill();
  };

  const stuck = createStuckWatch(options.stuckAfterMs);
  const lookForFiles = createFileShortageWatch(log, canOpenFile);
  const looking = setInterval(
    () => {
      lookForFiles();
      if (!board || phase === "ended") return;
      const controlSign = control.alive ? Math.max(controlSignMs, control.startedAtMs) : undefined;
      const signs = [...signsOfLife(board, proxies), controlSign];
      for (const thread of stuck.check(Date.now(), signs)) replaceStuck(thread);
    },
    Math.min(LOOK_EVERY_MS, options.stuckAfterMs / LOOKS),
  );

  control.start();

  return {
    ended: end.promise,
    reload,
    reopenLogs: () => toProxies({ kind: "reopen_logs" }),
    shutDown(exitCodeAtOnce) {
      // The first proxies may serve while others still start.
      if (phase === "running" || (phase === "starting" && proxies.length > 0)) drain();
      else if (phase === "starting") stopProcesses();
      else if (phase === "draining" || phase === "stopping") {
        log.warn("asked again: ending at once");
        void finish(exitCodeAtOnce);
      }
    },
    crash(thread) {
      if (thread === "control") control.post({ kind: "crash" });
      else proxies[thread]?.post({ kind: "crash" });
    },
  };
}

/** When each proxy last gave a sign; undefined for one that is not up. */
function signsOfLife(board: Board, proxies: readonly ProxySlot[]): (number | undefined)[] {
  return proxies.map((proxy, worker) => {
    const { state, startedAtMs } = proxy.facts();
    if (state === "dead") return undefined;
    const sampledAtMs = board.counters[worker]!.worker[workerGauge.sampledAtMs]!;
    return Math.max(startedAtMs, sampledAtMs);
  });
}

/** `NAME.INDEX (pid N)` of each. */
function namesOf(children: readonly LivingChild[]): string[] {
  return children.map(
    ({ order, identity }) => `${order.process}.${order.index} (pid ${identity.pid})`,
  );
}

function warnOfFileLimit(snapshot: Snapshot, log: Log): void {
  const limit = readFileLimit();
  if (limit === undefined) return;
  const bounds = snapshot.listeners.map(({ maxConnections }) => maxConnections);
  const warning = fileLimitWarning(limit, bounds);
  if (warning !== undefined) log.warn(warning);
}
