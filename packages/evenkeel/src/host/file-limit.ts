/** Whether the system lets this process have as many sockets as the configuration promises. */
import { readFileSync } from "node:fs";

/** How many files the process may have open; undefined where the system does not tell. */
export function readFileLimit(path = "/proc/self/limits"): number | undefined {
  try {
    const match = /^Max open files\s+(\d+)/m.exec(readFileSync(path, "utf8"));
    return match ? Number(match[1]) : undefined;
  } catch {
    return undefined; // No /proc: nothing to warn of.
  }
}

/** Sockets that Evenkeel needs beside the clients': logs, listeners, checks, admin. */
const RESERVE = 256;
/** Below this, "no limit on connections" is a promise that any load test breaks. */
const SENSIBLE = 8192;

/** A warning where the limit is too low: a proxied request takes two sockets. `maxConnections` is the
 * sum over all listeners, 0 for no limit. */
export function fileLimitWarning(limit: number, maxConnections: number): string | undefined {
  const needed = maxConnections === 0 ? SENSIBLE : maxConnections * 2 + RESERVE;
  if (limit >= needed) return undefined;
  return (
    `this process may open only ${limit} files; ${needed} would be right for ` +
    (maxConnections === 0 ? "unlimited connections" : `${maxConnections} connections`) +
    `. Raise it with "ulimit -n ${needed}" or LimitNOFILE= in the systemd unit.`
  );
}
