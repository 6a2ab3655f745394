/**
 * The table of proxies under the same load.
 */
import type { Table } from "../figures/figure.ts";
import type { Sample } from "../measure/loaded.ts";
import type { Series } from "../measure/rounds.ts";
import { median, pairedRatio, spread } from "../measure/statistics.ts";
import { fixed, percent, times, whole } from "./numbers.ts";

/** One row per contestant: medians over the rounds, the spread of the cost, and the cost relative
 * to each reference. */
export function loadTable(
  series: readonly Series[],
  references: readonly string[],
  cost: "cpuUs" | "cpuUsPerMiB" = "cpuUs",
): Table {
  const unit = cost === "cpuUs" ? "us/request" : "us/MiB";
  return {
    columns: [
      "proxy",
      "version",
      `CPU ${unit}`,
      "user",
      "system",
      "spread",
      "requests/s",
      "p50 ms",
      "p99 ms",
      "busy",
      ...references.map((name) => `vs ${name}`),
    ],
    rows: series.map(({ name, version, samples }) => {
      const column = (key: keyof Sample): number => median(samples.map((sample) => sample[key]));
      const userShare = column("userUs") / column("cpuUs");
      return [
        name,
        version,
        fixed(column(cost), cost === "cpuUs" ? 2 : 0),
        fixed(column(cost) * userShare, cost === "cpuUs" ? 2 : 0),
        fixed(column(cost) * (1 - userShare), cost === "cpuUs" ? 2 : 0),
        percent(spread(samples.map((sample) => sample[cost]))),
        whole(column("requestsPerSecond")),
        fixed(column("p50Us") / 1_000, 2),
        fixed(column("p99Us") / 1_000, 2),
        percent(column("busy")),
        ...references.map((reference) => times(costRatio(series, name, reference, cost))),
      ];
    }),
  };
}

/** Cost of one contestant relative to another, paired by round; undefined when either is absent. */
export function costRatio(
  series: readonly Series[],
  name: string,
  reference: string,
  cost: "cpuUs" | "cpuUsPerMiB" = "cpuUs",
): number | undefined {
  const costs = (wanted: string): number[] | undefined =>
    series.find((one) => one.name === wanted)?.samples.map((sample) => sample[cost]);
  const own = costs(name);
  const other = costs(reference);
  return own && other ? pairedRatio(own, other) : undefined;
}

/** A proxy that did not fill its processor was not measured at its best. */
const ENOUGH_BUSY = 0.8;

/** A warning that names the contestants that had less than most of a processor; empty without any. */
export function idleNotes(series: readonly Series[]): string[] {
  const short = series.filter(
    ({ samples }) => median(samples.map(({ busy }) => busy)) < ENOUGH_BUSY,
  );
  if (short.length === 0) return [];
  return [
    `Had less than ${percent(ENOUGH_BUSY)} of a processor, because others used it or the load was ` +
      `the bottleneck, so these costs are too high: ${short.map(({ name }) => name).join(", ")}.`,
  ];
}
