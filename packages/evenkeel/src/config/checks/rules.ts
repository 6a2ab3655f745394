/** Rules that span several keys. Each check looks at one idea and reports all it finds. */
import type { Problem } from "../problem.ts";
import type { RootConfig } from "../schema/root.ts";
import type { Source } from "../source/source.ts";
import { checkAddresses } from "./addresses.ts";
import { checkAlerts } from "./alerts.ts";
import { checkCapacity } from "./capacity.ts";
import { checkDrills } from "./drills.ts";
import { checkProcesses } from "./processes.ts";
import { checkRecovery } from "./recovery.ts";
import { checkRoutes } from "./routes.ts";
import { checkSignals } from "./signals.ts";
import { checkUpstreams } from "./upstreams.ts";

const checks = [
  checkAddresses,
  checkRoutes,
  checkUpstreams,
  checkCapacity,
  checkProcesses,
  checkSignals,
  checkRecovery,
  checkDrills,
  checkAlerts,
];

/** Everything that makes the file as a whole impossible. */
export function checkRules(config: RootConfig, source: Source): Problem[] {
  return checks.flatMap((check) => check(config, source));
}
