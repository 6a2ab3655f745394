/**
 * Evenkeel from this repository's sources.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { pinnedNode } from "../../../test/support/pinned-node.ts";
import { type Program, startConfigured } from "./configured.ts";
import type { Product } from "./product.ts";

const PACKAGE = fileURLToPath(new URL("../../../packages/evenkeel/", import.meta.url));

interface Variant {
  readonly id: string;
  readonly name: string;
  readonly policy: "round_robin" | "least_conn";
  readonly hedges: boolean;
}

/** Its variants: as it comes, with the policy for unequal instances, and with hedging on top. */
export const evenkeels: readonly Product[] = [
  create({ id: "evenkeel-rr", name: "Evenkeel rr", policy: "round_robin", hedges: false }),
  create({ id: "evenkeel-lc", name: "Evenkeel least_conn", policy: "least_conn", hedges: false }),
  create({
    id: "evenkeel-hedge",
    name: "Evenkeel least_conn + hedge",
    policy: "least_conn",
    hedges: true,
  }),
];

/** How a variant is configured, started and told to read its file again. */
export function programOf(policy: Variant["policy"], hedges: boolean): Program {
  return {
    template: "evenkeel.yaml.template",
    values: () => ({ policy, hedge: hedges }),
    command: ({ file }) => [pinnedNode(), `${PACKAGE}bin/evenkeel.js`, "run", "-c", file],
    reload: (_, process) => process.signal("SIGHUP"),
  };
}

function create({ id, name, policy, hedges }: Variant): Product {
  const program = programOf(policy, hedges);
  return {
    id,
    name,
    family: "evenkeel",
    leastConnections: policy === "least_conn",
    hedges,
    missing: () => undefined,
    version: () => {
      const text = readFileSync(`${PACKAGE}package.json`, "utf8");
      return (JSON.parse(text) as { version: string }).version;
    },
    start: (setup) => startConfigured(program, setup),
  };
}
