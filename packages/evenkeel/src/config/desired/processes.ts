/** Processes as the supervisor gets them. */
import type { ProcessSettings } from "../../snapshot/process-settings.ts";
import type { Config } from "../config.ts";

/** In configuration order. */
export function toProcesses(_config: Config): readonly ProcessSettings[] {
  return [];
}
