/**
 * Caddy from its distribution package.
 */
import { readFile } from "node:fs/promises";

import { commandPath, versionOf } from "../../../bench/src/measure/machine.ts";
import { type Program, startConfigured } from "./configured.ts";
import type { Product } from "./product.ts";

/** Its variants by policy. */
export const caddies: readonly Product[] = [
  create("caddy-rr", "Caddy rr", "round_robin"),
  create("caddy-lc", "Caddy least_conn", "least_conn"),
];

function create(id: string, name: string, policy: "round_robin" | "least_conn"): Product {
  const binary = commandPath("caddy") ?? "caddy";
  const program: Program = {
    template: "Caddyfile",
    values: () => ({ policy }),
    command: ({ file }) => [binary, "run", "--config", file, "--adapter", "caddyfile"],
    env: ({ dir }) => ({ HOME: dir, XDG_DATA_HOME: dir, XDG_CONFIG_HOME: dir }),
    reload: async ({ adminPort, file }) => {
      const answer = await fetch(`http://127.0.0.1:${adminPort}/load`, {
        method: "POST",
        headers: { "content-type": "text/caddyfile" },
        body: await readFile(file, "utf8"),
        signal: AbortSignal.timeout(5_000),
      });
      if (!answer.ok) throw new Error(`caddy refused: ${await answer.text()}`);
    },
  };
  return {
    id,
    name,
    family: "caddy",
    leastConnections: policy === "least_conn",
    hedges: false,
    missing: () => (commandPath("caddy") === undefined ? "caddy is not installed" : undefined),
    version: () => versionOf([binary, "version"], /v?([\d.]+)/),
    start: (setup) => startConfigured(program, setup),
  };
}
