/** Says when the process runs out of file descriptors: the system tells nobody, it just drops new
 * connections. */
import { closeSync, openSync } from "node:fs";
import type { Log } from "../telemetry/log.ts";

/** A look to be taken regularly: one line when a shortage begins, one when it is over. `canOpen` is
 * false where the process may open no more files. */
export function createFileShortageWatch(log: Log, canOpen: () => boolean): () => void {
  let isShort = false;
  return () => {
    if (canOpen() !== isShort) return;
    isShort = !isShort;
    if (isShort) {
      log.error(
        "out of file descriptors: new connections are dropped, open ones go on. Raise the limit " +
          'with "ulimit -n" or LimitNOFILE= in the systemd unit, or lower max_connections.',
      );
    } else log.info("there are file descriptors again: new connections are served");
  };
}

/** Whether one more file can be opened right now. Other failures than a shortage count as yes. */
export function canOpenFile(path = "/dev/null"): boolean {
  try {
    closeSync(openSync(path, "r"));
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code !== "EMFILE" && code !== "ENFILE";
  }
}
