/** How many things the board has rows for. */
import { capacity } from "../../board/board.ts";
import type { Problem } from "../problem.ts";
import type { RootConfig } from "../schema/root.ts";
import type { Source } from "../source/source.ts";

/** Counts against the board's rows. */
export function checkCapacity(config: RootConfig, source: Source): Problem[] {
  const upstreams = Object.values(config.upstreams);
  const endpoints = upstreams.reduce((sum, { endpoints }) => sum + endpoints.length, 0);
  const listeners = Object.keys(config.listeners).length;
  const counts = [
    ["listeners", listeners, capacity.listeners, ["listeners"]],
    ["routes", config.routes.length, capacity.routes, ["routes"]],
    ["upstreams", upstreams.length, capacity.upstreams, ["upstreams"]],
    ["endpoints over all upstreams", endpoints, capacity.endpoints, ["upstreams"]],
  ] as const;
  return counts
    .filter(([, count, most]) => count > most)
    .map(([what, count, most, path]) =>
      source.problemAt(path, `there may be at most ${most} ${what}; there are ${count}`, {
        atKey: true,
      }),
    );
}
