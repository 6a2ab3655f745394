/** A control thread of few words. Its configuration file is JSON: `{ port, workers, fatal?, fail?,
 * onReload?, stateDir?, script?, onStop?, stopMs? }`. With a `script` it launches that once and tells
 * the pid in a checkpoint; told to stop, it kills it, or does nothing, or dies the first time. */
import { readFileSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import type { FromKeeper, LaunchOrder } from "../../processes/contract.ts";
import type { FaultSettings } from "../../snapshot/fault.ts";
import type { ControlStart, FromControl, ToControl } from "../../snapshot/messages.ts";
import type { Snapshot } from "../../snapshot/snapshot.ts";

const start = workerData as ControlStart;
const config = JSON.parse(readFileSync(start.configFile, "utf8")) as {
  port: number;
  workers: number;
  fatal?: number;
  fail?: boolean;
  onReload?: "hang" | "exhaust";
  stateDir?: string;
  script?: string;
  onStop?: "hang" | "crash";
  stopMs?: number;
};
const port = parentPort!;
const post = (message: FromControl): void => port.postMessage(message);
const beating = setInterval(() => post({ kind: "alive" }), 50);
let version = startsSoFar() + 1;
const living = new Set<string>();

function snapshot(): Snapshot {
  const addresses = [{ host: "127.0.0.1", port: config.port }];
  return {
    version: version++,
    listeners: [{ name: "web", addresses, maxConnections: 10 }],
    routes: [],
  } as unknown as Snapshot;
}

port.on("message", (message: ToControl) => {
  switch (message.kind) {
    case "board":
      post({ kind: "checkpoint", part: "starts", checkpoint: startsSoFar() + 1 });
      post({ kind: "snapshot", snapshot: snapshot() });
      if (config.script !== undefined) post({ kind: "keeper", message: { kind: "children" } });
      return post({ kind: "ready" });
    case "reload":
      if (config.onReload === "hang") hang();
      if (config.onReload === "exhaust") exhaust();
      post({ kind: "faults", faults: [{ id: `fault ${version}` } as unknown as FaultSettings] });
      return post({ kind: "snapshot", snapshot: snapshot() });
    case "crash":
      return void setImmediate(() => {
        throw new Error("forced crash of control");
      });
    case "shutdown":
      clearInterval(beating);
      return port.close();
    case "keeper":
      return heard(message.message);
    case "stop_processes":
      return stopProcesses();
    case "proxies":
      return;
  }
});

function heard(message: FromKeeper): void {
  if (message.kind === "children") {
    for (const { order } of message.living) living.add(order.run);
    if (living.size === 0) launch();
  } else if (message.kind === "launched") living.add(message.child.order.run);
  else if (message.kind === "exited") {
    living.delete(message.exit.run);
    if (living.size === 0) post({ kind: "processes_stopped" });
  }
}

function launch(): void {
  const cwd = config.stateDir!;
  const order: LaunchOrder = {
    run: `app-${version}`,
    process: "app",
    index: 1,
    command: ["/bin/sh", "-c", config.script!],
    cwd,
    env: { PATH: "/usr/bin:/bin" },
    user: undefined,
    umask: undefined,
    stdoutPath: `${cwd}/app.log`,
    stderrPath: `${cwd}/app.log`,
    notify: false,
    port: undefined,
    fingerprint: "f",
  };
  post({ kind: "keeper", message: { kind: "launch", order } });
}

function stopProcesses(): void {
  if (config.onStop === "hang") return;
  if (config.onStop === "crash" && startsSoFar() === 0) {
    setImmediate(() => {
      throw new Error("died over stopping");
    });
    return;
  }
  if (living.size === 0) return post({ kind: "processes_stopped" });
  for (const run of living) {
    const message = { kind: "signal", run, signal: "SIGKILL", group: true } as const;
    post({ kind: "keeper", message });
  }
}

if (config.fail === true) throw new Error("no luck");
if (config.fatal === undefined) {
  const { workers } = config;
  post({
    kind: "settings",
    settings: {
      workers,
      log: { level: "info", serviceName: "evenkeel" },
      graceMs: 300,
      stateDir: config.stateDir ?? "/nowhere",
      stateNeeded: config.stateDir !== undefined,
      stopProcessesMs: config.stopMs ?? 1000,
    },
  });
} else post({ kind: "fatal", exitCode: config.fatal });

function hang(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

/** Runs into the thread's memory limit. */
function exhaust(): void {
  const hoard: number[][] = [];
  for (;;) hoard.push(Array.from({ length: 100_000 }, (_, index) => index + 0.5));
}

function startsSoFar(): number {
  return Number(start.checkpoint["starts"] ?? 0);
}
