/** What the program does when the system signals it. */
import { constants } from "node:os";
import type { Log } from "../telemetry/log.ts";
import type { Host } from "./create-host.ts";

const UPGRADE =
  "SIGUSR2 is ignored: a binary is not exchanged while it runs. There are SIGHUP (read the " +
  "configuration again), SIGUSR1 (reopen log files) and SIGTERM (finish and end).";

/** SIGTERM, SIGINT and SIGQUIT (nginx's word for it) shut down (a second one at once, with 128 + the
 * signal's number as exit code), SIGHUP reads the configuration again, SIGUSR1 opens log files again.
 * SIGUSR2, nginx's word for a new binary, is only answered in the log: left alone it would end the
 * process. Answers a function that takes the handlers back. */
export function attachSignals(
  host: Pick<Host, "shutDown" | "reload" | "reopenLogs">,
  log: Pick<Log, "warn">,
): () => void {
  const handlers: Partial<Record<NodeJS.Signals, () => void>> = {
    SIGTERM: () => host.shutDown(128 + constants.signals.SIGTERM),
    SIGINT: () => host.shutDown(128 + constants.signals.SIGINT),
    SIGQUIT: () => host.shutDown(128 + constants.signals.SIGQUIT),
    SIGHUP: () => host.reload(),
    SIGUSR1: () => host.reopenLogs(),
    SIGUSR2: () => log.warn(UPGRADE),
  };
  const entries = Object.entries(handlers) as [NodeJS.Signals, () => void][];
  for (const [signal, handler] of entries) process.on(signal, handler);
  return () => {
    for (const [signal, handler] of entries) process.off(signal, handler);
  };
}
