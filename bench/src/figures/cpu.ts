/**
 * Processor time per request: 64 kept connections, 66-byte answers, access log off.
 */
import { measureInRounds, type Series } from "../measure/rounds.ts";
import { median } from "../measure/statistics.ts";
import { nodeProxies } from "../peers/all.ts";
import { costRatio, idleNotes, loadTable } from "../report/load-table.ts";
import type { Figure } from "./figure.ts";

/** Evenkeel against every peer. */
export const cpu: Figure = {
  name: "cpu",
  title: "CPU time per request, small answers, access log off",
  needsPeers: true,
  async run(context) {
    const { series, notes } = await measureInRounds(context, context.peers, {});
    const bestNode = cheapestNodeProxy(series);
    const ratio = (reference: string): number | undefined =>
      costRatio(series, "Evenkeel", reference);
    return {
      tables: [loadTable(series, ["nginx", "HAProxy"])],
      bars: [
        { what: "Evenkeel vs nginx", value: ratio("nginx"), bar: 1.2, aim: 1, unit: "x" },
        { what: "Evenkeel vs HAProxy", value: ratio("HAProxy"), bar: 1.15, aim: 1, unit: "x" },
        { what: "Evenkeel vs Caddy", value: ratio("Caddy"), bar: 0.4, aim: 0.25, unit: "x" },
        {
          what: `Evenkeel vs the best Node proxy (${bestNode ?? "none"})`,
          value: bestNode === undefined ? undefined : ratio(bestNode),
          bar: 0.35,
          aim: 0.25,
          unit: "x",
        },
      ],
      notes: [
        "wrk -t1 -c64; CPU = user + system time of the serving process (all its threads) over the " +
          "requests wrk counted; ratios are medians of the ratios within each round.",
        ...idleNotes(series),
        ...notes,
      ],
      raw: series,
    };
  },
};

function cheapestNodeProxy(series: readonly Series[]): string | undefined {
  const cost = (one: Series): number => median(one.samples.map(({ cpuUs }) => cpuUs));
  return series
    .filter(({ name }) => nodeProxies.some((peer) => peer.name === name))
    .sort((a, b) => cost(a) - cost(b))[0]?.name;
}
