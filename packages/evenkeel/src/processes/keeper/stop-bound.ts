/** How long stopping everything may take. */
import type { ProcessSettings } from "../../snapshot/process-settings.ts";

/** For signals to arrive and exits to be heard of. */
const SLACK_MS = 2000;

/** An upper bound in milliseconds for stopping all of these, as if one stopped after the other;
 * 0 without any. Instances of one process stop together. */
export function stopBoundMs(processes: readonly Pick<ProcessSettings, "stop">[]): number {
  return processes.reduce((sum, { stop }) => sum + stop.drainMs + stop.timeoutMs + SLACK_MS, 0);
}
