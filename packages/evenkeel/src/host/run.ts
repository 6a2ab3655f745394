/** Runs Evenkeel in this process until it is told to end. */
import { createLog } from "../telemetry/log.ts";
import { startHost } from "./create-host.ts";
import { tuneEngine } from "./engine-flags.ts";
import { attachSignals } from "./signals.ts";
import { workerEntry } from "./worker-entry.ts";

export interface RunOptions {
  readonly configFile: string;
  readonly watch: boolean;
  /** Called once when every proxy listens. */
  readonly up?: () => void;
}

const STUCK_AFTER_MS = 10_000;

/** Serves until a signal ends it; the exit code: 0 fine, 1 could not start or run, 2 bad
 * configuration, 128 + n ended at once by a second signal. */
export async function run(options: RunOptions): Promise<number> {
  tuneEngine();
  const log = createLog({ level: "info", thread: "host" });
  const survive = (error: unknown): void => log.error({ error }, "unexpected; going on");
  process.on("uncaughtException", survive);
  process.on("unhandledRejection", survive);
  const host = startHost({
    configFile: options.configFile,
    watch: options.watch,
    log,
    entries: { control: workerEntry("../control/thread"), proxy: workerEntry("../proxy/thread") },
    complain: (line) => void process.stderr.write(`evenkeel: ${line}\n`),
    up: options.up ?? (() => undefined),
    stuckAfterMs: STUCK_AFTER_MS,
  });
  const detach = attachSignals(host, log);
  try {
    return await host.ended;
  } finally {
    detach();
    process.off("uncaughtException", survive);
    process.off("unhandledRejection", survive);
  }
}
