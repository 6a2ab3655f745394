/** How long stopping everything may take. */
import type { ProcessSettings } from "../../snapshot/process-settings.ts";
import { stopWaves } from "../start-order.ts";

/** For signals to arrive and exits to be heard of. */
const SLACK_MS = 2000;

/** An upper bound in milliseconds for stopping all of these in their order; 0 without any. What is
 * not in need of each other stops together. */
export function stopBoundMs(
  processes: readonly Pick<ProcessSettings, "name" | "priority" | "dependsOn" | "stop">[],
): number {
  return stopWaves(processes)
    .map((wave) => Math.max(...wave.map(({ stop }) => stop.drainMs + stop.timeoutMs + SLACK_MS)))
    .reduce((sum, waveMs) => sum + waveMs, 0);
}
