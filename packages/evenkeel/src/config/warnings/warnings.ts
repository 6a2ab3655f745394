/** What is legal but surely not meant. */
import type { Config } from "../config.ts";
import type { Problem } from "../problem.ts";
import type { Source } from "../source/source.ts";
import { warnOfAlerts } from "./alerts.ts";
import { warnOfAccessLog } from "./access-log.ts";
import { warnOfForeignNotation } from "./foreign-notation.ts";
import { warnOfLimits } from "./limits.ts";
import { warnOfLoops } from "./loops.ts";
import { warnOfMethods } from "./methods.ts";
import { warnOfProcesses } from "./processes.ts";
import { warnOfRecovery } from "./recovery.ts";
import { warnOfRedirects } from "./redirects.ts";
import { warnOfRoutes } from "./routes.ts";
import { warnOfShadowedRoutes } from "./shadowed-routes.ts";
import { warnOfUnmatchableRoutes } from "./unmatchable-routes.ts";
import { warnOfUpstreams } from "./upstreams.ts";

/** Every warning about a sound configuration. */
export function warnings(config: Config, source: Source): Problem[] {
  const found = [
    warnOfRoutes,
    warnOfUnmatchableRoutes,
    warnOfRedirects,
    warnOfLimits,
    warnOfForeignNotation,
    warnOfShadowedRoutes,
    warnOfUpstreams,
    warnOfAccessLog,
    warnOfAlerts,
    warnOfMethods,
    warnOfLoops,
    warnOfProcesses,
    warnOfRecovery,
  ].flatMap((warn) => warn(config, source));
  // To run processes and nothing else is a good use, too.
  const serves = config.routes.length > 0 || Object.keys(config.processes).length === 0;
  if (Object.keys(config.listeners).length === 0) {
    if (serves)
      found.push(source.problemAt(["listeners"], "there is no listener: nothing will be served"));
  } else if (config.routes.length === 0) {
    found.push(source.problemAt(["routes"], "there is no route: every request gets 404"));
  }
  if (config.via_name === "off") {
    const hint = "to send no Via write forwarded: { via: false } on the listener";
    found.push(source.problemAt(["via_name"], "is taken as a name", { hint }));
  }
  const sticky = Object.entries(config.upstreams).find(([, { sticky }]) => sticky);
  if (sticky && config.sticky_secret === undefined) {
    const rule = "without sticky_secret all clients lose their endpoint when Evenkeel restarts";
    found.push(source.problemAt(["upstreams", sticky[0], "sticky"], rule));
  }
  return found;
}
