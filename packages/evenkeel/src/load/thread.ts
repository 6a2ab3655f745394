/** The entry of a generator's thread. */
import { parentPort, workerData } from "node:worker_threads";

import { createMonotonicClock } from "./clock.ts";
import { createLoadThread } from "./load-thread.ts";
import type { ThreadSettings, ToThread } from "./thread-messages.ts";

const port = parentPort;
if (!port) throw new Error("this module is a worker thread's");
const thread = createLoadThread(workerData as ThreadSettings, createMonotonicClock(), (message) =>
  port.postMessage(message),
);
port.on("message", (message: ToThread) => {
  thread.handle(message);
  if (message.kind === "close") port.close();
});
