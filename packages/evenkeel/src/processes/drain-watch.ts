/** Waits until nothing is in flight to an endpoint any more. */
import type { Timers } from "./supervisor-deps.ts";

const LOOK_MS = 25;
/** A request that was on its way when draining began shows at the second look. */
const QUIET_LOOKS = 2;

/** Calls `drained` once, when nothing was in flight at two looks in a row, unless the returned
 * function ended it before. */
export function watchDrain(
  timers: Timers,
  endpoint: { inFlight(): number; drained(): void },
): () => void {
  let quiet = 0;
  const look = (): void => {
    quiet = endpoint.inFlight() > 0 ? 0 : quiet + 1;
    if (quiet >= QUIET_LOOKS) endpoint.drained();
    else timer = timers.setTimeout(look, LOOK_MS);
  };
  let timer = timers.setTimeout(look, LOOK_MS);
  return () => timers.clearTimeout(timer);
}
