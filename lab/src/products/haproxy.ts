/**
 * HAProxy from its distribution package, as master and worker: so that it can be reloaded.
 */
import { commandPath, versionOf } from "../../../bench/src/measure/machine.ts";
import { type Program, startConfigured } from "./configured.ts";
import type { Product } from "./product.ts";

/** Its variants by policy. */
export const haproxies: readonly Product[] = [
  create("haproxy-rr", "HAProxy rr", "roundrobin"),
  create("haproxy-lc", "HAProxy leastconn", "leastconn"),
];

function create(id: string, name: string, policy: "roundrobin" | "leastconn"): Product {
  const binary = commandPath("haproxy") ?? "haproxy";
  const program: Program = {
    template: "haproxy.cfg",
    values: () => ({ policy }),
    command: ({ file }) => [binary, "-W", "-f", file],
    // The master starts a new worker and hands the listening sockets over.
    reload: (_, process) => process.signal("SIGUSR2"),
  };
  return {
    id,
    name,
    family: "haproxy",
    leastConnections: policy === "leastconn",
    hedges: false,
    missing: () => (commandPath("haproxy") === undefined ? "haproxy is not installed" : undefined),
    version: () => versionOf([binary, "-v"], /version ([\d.]+)/),
    start: (setup) => startConfigured(program, setup),
  };
}
