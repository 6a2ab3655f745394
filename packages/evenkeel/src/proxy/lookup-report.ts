/** Tells of endpoints' names that can't be looked up, which otherwise look like a refused connection. */
import type { Clock } from "./clock.ts";

/** How long the same endpoint is not told of again. */
const QUIET_MS = 60_000;
/** Endpoints that are remembered at the most. */
const MOST = 1_000;

/** Notes a failed lookup; `code` is the system's, such as ENOTFOUND. */
export type LookupReport = (endpoint: string, host: string, code: string) => void;

/** Tells a sentence for people at most once a minute per endpoint. */
export function createLookupReport(
  clock: Pick<Clock, "nowMs">,
  tell: (message: string) => void,
): LookupReport {
  const told = new Map<string, number>();
  return (endpoint, host, code) => {
    const last = told.get(endpoint);
    if (last !== undefined && clock.nowMs - last < QUIET_MS) return;
    told.delete(endpoint);
    const [oldest] = told.keys();
    if (told.size >= MOST && oldest !== undefined) told.delete(oldest);
    told.set(endpoint, clock.nowMs);
    tell(`endpoint ${endpoint}: the name ${host} can't be resolved (${code})`);
  };
}
