/**
 * Proxies from npm, each as a small program under `node/`.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { freePort } from "../../../test/support/free-port.ts";
import { pinnedNode } from "../../../test/support/pinned-node.ts";
import { startDaemon, temporaryFolder } from "../daemon.ts";
import { pinProxy } from "../measure/machine.ts";
import type { Peer, Setup } from "./peer.ts";

/** The peer made of a package and the program `node/PROGRAM.ts` that uses it. */
export function createNodeProxy(packageName: string, program: string): Peer {
  return {
    name: packageName,
    hasAccessLog: false,
    missing: () => (installedVersion(packageName) === undefined ? "not installed" : undefined),
    version: () => installedVersion(packageName) ?? "unknown",
    async start(setup: Setup) {
      const port = await freePort();
      const file = fileURLToPath(new URL(`node/${program}.ts`, import.meta.url));
      const daemon = await startDaemon({
        name: packageName,
        command: [...pinProxy(), pinnedNode(), file, String(port), setup.originPorts.join(",")],
        port,
        dir: temporaryFolder(program),
      });
      return {
        port,
        pids: () => [daemon.pid],
        [Symbol.asyncDispose]: () => daemon[Symbol.asyncDispose](),
      };
    },
  };
}

/** Walks up from the package's entry, since its package.json need not be exported. */
function installedVersion(packageName: string): string | undefined {
  try {
    let dir = dirname(createRequire(import.meta.url).resolve(packageName));
    for (; dir !== dirname(dir); dir = dirname(dir)) {
      try {
        const found: unknown = JSON.parse(readFileSync(join(dir, "package.json"), "utf8"));
        const { name, version } = found as { name?: string; version?: string };
        if (name === packageName) return version;
      } catch {
        // no package.json here: one folder up
      }
    }
    return undefined;
  } catch {
    return undefined;
  }
}
