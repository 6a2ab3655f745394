/** What the program does when the system signals it. */
import { constants } from "node:os";
import type { Host } from "./create-host.ts";

/** SIGTERM, SIGINT and SIGQUIT (nginx's word for it) shut down (a second one at once, with 128 + the signal's number as exit code),
 * SIGHUP reads the configuration again, SIGUSR1 opens log files again. Answers a function that
 * takes the handlers back. */
export function attachSignals(host: Pick<Host, "shutDown" | "reload" | "reopenLogs">): () => void {
  const handlers: Partial<Record<NodeJS.Signals, () => void>> = {
    SIGTERM: () => host.shutDown(128 + constants.signals.SIGTERM),
    SIGINT: () => host.shutDown(128 + constants.signals.SIGINT),
    SIGQUIT: () => host.shutDown(128 + constants.signals.SIGQUIT),
    SIGHUP: () => host.reload(),
    SIGUSR1: () => host.reopenLogs(),
  };
  const entries = Object.entries(handlers) as [NodeJS.Signals, () => void][];
  for (const [signal, handler] of entries) process.on(signal, handler);
  return () => {
    for (const [signal, handler] of entries) process.off(signal, handler);
  };
}
