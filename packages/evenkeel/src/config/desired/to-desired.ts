/** From a sound configuration to what control carries out and proxies get. */
import { createHash } from "node:crypto";
import type { Desired } from "../../snapshot/desired.ts";
import type { Config } from "../config.ts";
import { deepFreeze } from "../deep-freeze.ts";
import type { SlotAllocator } from "../slots.ts";
import { toAlerts } from "./alerts.ts";
import { toDrills } from "./drills.ts";
import { toHealth } from "./health.ts";
import { endpointKey, memberName, type MemberAddress } from "./members.ts";
import { toListeners } from "./listeners.ts";
import { toProcesses } from "./processes.ts";
import { toRecovery } from "./recovery.ts";
import { toRoutes } from "./routes.ts";
import { toSignals } from "./signals.ts";
import { toUpstreams } from "./upstreams.ts";

const DAY_MS = 86_400_000;

/** Takes slots for everything configured and gives back those of what is gone; to undo that, keep
 * a `slots.checkpoint()` from before. Throws `SlotsExhausted`, changing nothing, where the board is
 * full. Rows of `members` are kept for them; `withMembers` puts them in. The result is frozen. */
export function toDesired(
  config: Config,
  slots: SlotAllocator,
  version: number,
  members: readonly MemberAddress[] = [],
): Desired {
  const rows = slots.assign({
    listeners: Object.keys(config.listeners),
    upstreams: Object.keys(config.upstreams),
    endpoints: [
      ...Object.entries(config.upstreams).flatMap(([name, upstream]) =>
        upstream.endpoints.map((endpoint) => endpointKey(name, endpoint.address.name)),
      ),
      ...memberKeys(config, members),
    ],
    routes: config.routeNames,
  });
  const stickySecret = config.sticky_secret ?? derive(slots.secret, "sticky");
  const upstreams = toUpstreams(config, rows, stickySecret);
  const log = config.access_log;
  return deepFreeze<Desired>({
    snapshot: {
      version,
      listeners: toListeners(config, rows.listeners),
      routes: toRoutes(config, rows.routes),
      upstreams,
      accessLog: log && {
        format: log.format,
        path: log.path,
        serviceName: config.service_name,
      },
      viaName: config.via_name ?? `evenkeel-${derive(slots.secret, "via").slice(0, 8)}`,
      stickySecret,
    },
    health: toHealth(config, upstreams),
    admin: config.admin,
    log: { level: config.log.level, serviceName: config.service_name },
    workers: config.workers,
    shutdown: { graceMs: config.shutdown.grace },
    stateDir: config.state_dir,
    history: {
      keepMs: config.history.keep_days * DAY_MS,
      keepIncidents: config.history.keep_incidents,
    },
    processes: toProcesses(config),
    signals: toSignals(config),
    recovery: toRecovery(config),
    alerts: toAlerts(config),
    drills: toDrills(config),
  });
}

/** Members that are there beside what the file names. */
function memberKeys(config: Config, members: readonly MemberAddress[]): string[] {
  const left = members.filter((member) => {
    const upstream = config.upstreams[member.upstream];
    return (
      upstream && !upstream.endpoints.some(({ address }) => address.name === memberName(member))
    );
  });
  return left.map((member) => endpointKey(member.upstream, memberName(member)));
}

/** A secret of its own for each purpose, so that the public one gives nothing away. */
function derive(secret: string, purpose: string): string {
  return createHash("sha256").update(`${purpose}\0${secret}`).digest("hex");
}
