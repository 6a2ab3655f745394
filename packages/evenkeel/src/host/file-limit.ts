/** Whether the system lets this process have as many sockets as the configuration promises. */
import { defaultConnections, filesFor } from "../lib/open-files.ts";

/** Below this, "no limit on connections" is a promise that any load test breaks. */
const SENSIBLE = 8192;

/** A warning where the limit of open files is too low for what is written; `bounds` are the listeners'
 * `max_connections`, 0 for no limit. What nobody wrote follows the limit and promises nothing. */
export function fileLimitWarning(limit: number, bounds: readonly number[]): string | undefined {
  const written = bounds.filter((bound) => bound !== defaultConnections(limit));
  const endless = written.includes(0);
  const connections = written.reduce((total, one) => total + one, 0);
  const needed = endless ? SENSIBLE : filesFor(connections);
  if (written.length === 0 || limit >= needed) return undefined;
  return (
    `this process may open only ${limit} files; ${needed} would be right for ` +
    (endless ? "unlimited connections" : `max_connections of ${connections}`) +
    `. Raise it with "ulimit -n ${needed}" or LimitNOFILE= in the systemd unit.`
  );
}
