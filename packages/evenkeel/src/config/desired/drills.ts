/** Drills as they are run. */
import type { DrillSettings } from "../../snapshot/drill-settings.ts";
import type { Config } from "../config.ts";

/** In configuration order. */
export function toDrills(_config: Config): readonly DrillSettings[] {
  return [];
}
