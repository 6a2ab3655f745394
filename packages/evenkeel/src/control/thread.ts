/** The control thread's entry: reads the configuration, gets the board, and decides from there on. */
import { writeSync } from "node:fs";
import { parentPort, workerData, type MessagePort } from "node:worker_threads";
import { openBoard, type Board } from "../board/board.ts";
import { diffDesired } from "../config/diff.ts";
import { systemClock, systemTimers } from "../health/clock.ts";
import { formatAddress } from "../lib/address.ts";
import type { Probe } from "../health/probes/probe.ts";
import { runProbe } from "../health/probes/run-probe.ts";
import { createHealthTable } from "../health/table.ts";
import type { ControlStart, FromControl, ToControl } from "../snapshot/messages.ts";
import { adjustLog, createLog, type Log } from "../telemetry/log.ts";
import { readVersion } from "../telemetry/version.ts";
import { createConfigReader, type ConfigReader } from "./config-reader.ts";
import { createHealing } from "./create-healing.ts";
import { createControl, hostSettings, type Control } from "./create-control.ts";
import { openSaved, type Saved, type SavedConfig } from "./saved.ts";
import { watchFile, type FileWatch } from "./watch-file.ts";

const ALIVE_EVERY_MS = 1000;
const BAD_CONFIGURATION = 2;
const FAILED = 1;

if (parentPort) void main(parentPort, workerData as ControlStart);

/** What the messages act on; filled as the thread gets going. */
interface Running {
  control: Control | undefined;
  watch: FileWatch | undefined;
  readonly beat: NodeJS.Timeout;
}

async function main(port: MessagePort, start: ControlStart): Promise<void> {
  const post = (message: FromControl): void => port.postMessage(message, []);
  const log = createLog({ level: "info", thread: "control" });
  const saved = openSaved(start.checkpoint);
  const read = createConfigReader(start.configFile);
  const beat = setInterval(() => post({ kind: "alive" }), ALIVE_EVERY_MS);
  const running: Running = { control: undefined, watch: undefined, beat };
  const board = listen(port, running);

  // A successor goes on with what was in force: a file that was changed meanwhile, and perhaps
  // broken, waits for somebody to ask for it.
  const first = saved.config ?? readFirst(read, log);
  if (!first) return post({ kind: "fatal", exitCode: BAD_CONFIGURATION });
  adjustLog(log, first.desired.log);
  post({ kind: "settings", settings: hostSettings(first.desired) });

  const control = assemble(await board, { start, log, saved, read, first, post });
  running.control = control;
  const problem = await control.start();
  if (problem !== undefined) {
    complain(problem);
    return post({ kind: "fatal", exitCode: FAILED });
  }
  if (start.watch) {
    const { configFile } = start;
    running.watch = watchFile(configFile, () => void control.reload(), {
      gone: () => log.warn(`${configFile} is gone; the last configuration stays`),
      back: () => log.info(`${configFile} is back`),
    });
    if (saved.config) await control.reload(); // The watch was blind while nobody was here.
  }
  return post({ kind: "ready" });
}

/** Obeys the host from now on; resolves with the board once it comes. */
function listen(port: MessagePort, running: Running): Promise<Board> {
  const board = Promise.withResolvers<Board>();
  port.on("message", (message: ToControl) => {
    switch (message.kind) {
      case "board":
        return board.resolve(openBoard(message.board, message.workers));
      case "reload":
        return void running.control?.reload();
      case "proxies":
        return running.control?.proxies(message);
      case "keeper":
        return running.control?.keeper(message.message);
      case "stop_processes":
        return void stopProcesses(port, running);
      case "crash":
        return void setImmediate(() => {
          throw new Error("crashed on demand");
        });
      case "shutdown":
        return void shutDown(port, running);
    }
  });
  return board.promise;
}

async function stopProcesses(port: MessagePort, running: Running): Promise<void> {
  await running.control?.stopProcesses();
  port.postMessage({ kind: "processes_stopped" } satisfies FromControl, []);
}

async function shutDown(port: MessagePort, running: Running): Promise<void> {
  clearInterval(running.beat);
  running.watch?.close();
  await running.control?.close();
  port.close();
}

/** The file's first reading; tells all that is wrong with it. */
function readFirst(read: ConfigReader, log: Log): SavedConfig | undefined {
  const outcome = read(1, undefined, []);
  if (!outcome.ok) {
    for (const problem of outcome.problems) complain(problem);
    return undefined;
  }
  adjustLog(log, outcome.desired.log);
  if (outcome.warnings.length > 0) log.warn({ warnings: outcome.warnings }, "configuration");
  return { desired: outcome.desired, slots: outcome.slots, members: [] };
}

interface Parts {
  readonly start: ControlStart;
  readonly log: Log;
  readonly saved: Saved;
  readonly read: ConfigReader;
  readonly first: SavedConfig;
  readonly post: (message: FromControl) => void;
}

function assemble(board: Board, { start, log, saved, read, first, post }: Parts): Control {
  return createControl({
    board,
    log,
    configFile: start.configFile,
    startedAtMs: start.startedAtMs,
    version: readVersion(),
    saved,
    first,
    read,
    describe: diffDesired,
    createHealth: (callbacks, health) => {
      const platform = { clock: systemClock, timers: systemTimers, random: Math.random };
      return createHealthTable(
        { board, ...platform, probe: tellingProbe(log), ...callbacks },
        health,
      );
    },
    createHealing,
    post,
  });
}

/** Tells each result to who debugs. */
function tellingProbe(log: Log): Probe {
  return async (request, signal) => {
    const result = await runProbe(request, signal);
    if (log.isLevelEnabled("debug")) {
      const { host, port } = request;
      const address = formatAddress({ host, port });
      log.debug(
        { took_ms: Math.round(result.tookMs) },
        `check of ${address}: ${result.verdict}: ${result.detail}`,
      );
    }
    return result;
  };
}

/** To people at the terminal: written before the call returns, as the thread may end with it. */
function complain(text: string): void {
  writeSync(2, `evenkeel: ${text}\n`);
}
