/** A control thread of few words. Its configuration file is JSON: `{ port, workers, fatal?, fail?,
 * onReload? }`. */
import { readFileSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
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
};
const port = parentPort!;
const post = (message: FromControl): void => port.postMessage(message);
const beating = setInterval(() => post({ kind: "alive" }), 50);
let version = startsSoFar() + 1;

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
      return post({ kind: "ready" });
    case "reload":
      if (config.onReload === "hang") hang();
      if (config.onReload === "exhaust") exhaust();
      return post({ kind: "snapshot", snapshot: snapshot() });
    case "crash":
      return void setImmediate(() => {
        throw new Error("forced crash of control");
      });
    case "shutdown":
      clearInterval(beating);
      return port.close();
    case "proxies":
    case "keeper":
      return;
    case "stop_processes":
      return post({ kind: "processes_stopped" });
  }
});

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
      stopProcessesMs: 1000,
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
