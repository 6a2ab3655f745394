/**
 * Evenkeel itself: one proxy thread, metrics on.
 */
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { type Evenkeel, startEvenkeel } from "../../../test/support/evenkeel.ts";
import { pinProxy } from "../measure/machine.ts";
import type { Peer, RunningPeer, Setup } from "./peer.ts";

const PACKAGE = fileURLToPath(new URL("../../../packages/evenkeel/", import.meta.url));

/** What the other proxies don't add is off in a fair comparison. */
const SAME_HEADERS = { request_id: "off", via: false };

/** Evenkeel from this repository's sources, adding the headers that all proxies add. */
export const evenkeel: Peer = createEvenkeel("Evenkeel", { forwarded: SAME_HEADERS });

/** The same as it comes: a request id and `Via` too. */
export const evenkeelAsItComes: Peer = createEvenkeel("Evenkeel (defaults)", {});

function createEvenkeel(name: string, listener: object): Peer {
  return {
    name,
    hasAccessLog: true,
    missing: () =>
      existsSync(join(PACKAGE, "bin/evenkeel.js")) ? undefined : "packages/evenkeel/bin is missing",
    version: () => {
      const text = readFileSync(join(PACKAGE, "package.json"), "utf8");
      return (JSON.parse(text) as { version: string }).version;
    },
    start: async (setup) =>
      toRunningPeer(await startEvenkeelForBench(evenkeelConfig(setup, listener))),
  };
}

/** The configuration all figures start from; `listener` is laid over its only listener, `web`. */
export function evenkeelConfig(
  setup: Setup,
  listener: object = { forwarded: SAME_HEADERS },
): Record<string, unknown> {
  return {
    workers: 1,
    // The 10,000 idle connections must fit whatever the limit of open files makes the default.
    listeners: { web: { bind: "127.0.0.1:{{port:web}}", max_connections: "off", ...listener } },
    timeouts: { keep_alive: "1h" },
    routes: [{ upstream: "web" }],
    upstreams: {
      web: {
        balance: "round_robin",
        endpoints: setup.originPorts.map((port) => `127.0.0.1:${port}`),
      },
    },
    access_log: setup.accessLog ? { format: "json", path: "{{dir}}/access.log" } : "off",
  };
}

/** Starts Evenkeel with that configuration, bound to the proxy's processor. */
export async function startEvenkeelForBench(
  config: object,
  args: readonly string[] = [],
): Promise<Evenkeel> {
  return await startEvenkeel({ config, args, wrap: pinProxy(), readyWithinMs: 30_000 });
}

/** The running Evenkeel in the words of the bench. */
export function toRunningPeer(running: Evenkeel): RunningPeer {
  return {
    port: running.port("web"),
    pids: () => [running.pid],
    logBytes: () => statSync(join(running.dir, "access.log")).size,
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}
