/** Opens many connections before a step, some at a time, so that no accept queue overflows. */
import type { Clock } from "./clock.ts";
import type { ConnectionPool } from "./connection-pool.ts";

const atOnce = 64;
/** After so many failures in a row nobody is there. */
const mostFailures = 3 * atOnce;

/** Opens until the pool has so many, or too much failed; `done` is told the last problem, empty for
 * none. Takes the pool for itself meanwhile. */
export function openConnections(
  pool: ConnectionPool,
  wanted: number,
  clock: Clock,
  done: (problem: string) => void,
): void {
  let failures = 0;
  let problem = "";
  let sweeping: NodeJS.Timeout | undefined;
  const more = (): void => {
    const open = pool.open;
    const ready = open - pool.connecting;
    if (ready >= wanted || (failures >= mostFailures && pool.connecting === 0)) {
      clearInterval(sweeping);
      pool.user = undefined;
      done(ready >= wanted ? "" : problem);
      return;
    }
    if (failures >= mostFailures) return;
    const count = Math.min(wanted - open, atOnce - pool.connecting);
    for (let started = 0; started < count; started++) pool.connect(clock());
  };
  pool.user = {
    free: more,
    answered: () => {}, // Nothing is out.
    failed: () => {},
    connectFailed(reason) {
      failures++;
      problem = reason;
      more();
    },
    ended: more,
    received: () => {},
  };
  sweeping = setInterval(() => pool.sweep(clock()), 100);
  more();
}
