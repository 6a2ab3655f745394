/** Does the machine allow so many connections? */
import { readFileSync } from "node:fs";

import { readFileLimit } from "../lib/open-files.ts";
import { Failure } from "./failure.ts";

/** Files that the program needs for itself: threads, standard streams, modules, reports. */
const reserve = 100;

/** What the system allows; undefined where it does not tell. */
export interface SystemLimits {
  readonly openFiles: number | undefined;
  readonly localPorts: number | undefined;
}

/** Asks the system. */
export function readSystemLimits(
  portRange = "/proc/sys/net/ipv4/ip_local_port_range",
): SystemLimits {
  let localPorts: number | undefined;
  try {
    const [first = 0, last = 0] = readFileSync(portRange, "utf8").trim().split(/\s+/).map(Number);
    if (last > first) localPorts = last - first + 1;
  } catch {
    localPorts = undefined; // Nothing is known, and nothing has to be heeded.
  }
  return { openFiles: readFileLimit(), localPorts };
}

/** How many connections fit. */
export function connectionsThatFit({ openFiles, localPorts }: SystemLimits): number {
  return Math.max(
    1,
    Math.min(
      openFiles === undefined ? Infinity : openFiles - reserve,
      localPorts === undefined ? Infinity : localPorts,
    ),
  );
}

/** Throws a `Failure` that says how to raise the limit, where so many connections don't fit. */
export function requireConnections(connections: number, limits: SystemLimits): void {
  const { openFiles, localPorts } = limits;
  const files = connections + reserve;
  if (openFiles !== undefined && files > openFiles) {
    throw new Failure(
      1,
      `${connections} connections need ${files} open files, and this process may have ${openFiles}. ` +
        `Raise the limit with "ulimit -n ${files}" in this shell (where that is refused: "nofile" in ` +
        `/etc/security/limits.conf, LimitNOFILE= of a systemd unit, --ulimit nofile=${files} of a ` +
        `container), or use at most ${connectionsThatFit(limits)} connections`,
    );
  }
  if (localPorts !== undefined && connections > localPorts) {
    throw new Failure(
      1,
      `${connections} connections to one address need as many local ports, and there are ${localPorts}. ` +
        `Widen them with: sysctl -w net.ipv4.ip_local_port_range="1024 65535"`,
    );
  }
}
