/** The entry of a proxy thread: joins a proxy to the messages of its host. */
import { parentPort, workerData } from "node:worker_threads";

import { openBoard } from "../board/board.ts";
import type { FromProxy, ProxyStart, ToProxy } from "../snapshot/messages.ts";
import { readSnapshotMessage } from "../snapshot/snapshot-message.ts";
import { adjustLog, createLog } from "../telemetry/log.ts";
import { createProxy } from "./create-proxy.ts";

const port = parentPort;
if (port === null) throw new Error("proxy/thread must be started as a worker thread");

const start = workerData as ProxyStart;
const log = createLog({ level: start.log.level, thread: `proxy-${start.worker}` });
adjustLog(log, start.log);
const tell = (event: FromProxy): void => {
  log.debug(event, `told: ${event.kind.replace("_", " ")}`);
  port.postMessage(event);
};
const proxy = createProxy({
  board: openBoard(start.board, start.workers),
  worker: start.worker,
  tell,
  onProblem: (message) => log.warn(message),
});

let { snapshot } = start;

port.on("message", (message: ToProxy) => {
  switch (message.kind) {
    case "snapshot":
      snapshot = readSnapshotMessage(snapshot, message);
      return proxy.apply(snapshot);
    case "faults":
      return proxy.setFaults(message.faults);
    case "drain":
      return proxy.drain(message.deadlineMs);
    case "log":
      return adjustLog(log, message.log);
    case "reopen_logs":
      return proxy.reopenLogs();
    case "crash":
      throw new Error("crashed on request");
  }
});

proxy.setFaults(start.faults);
proxy.apply(snapshot);
tell({ kind: "ready" });
