/** Numbers that live elsewhere, shown in Prometheus' text format. */
import { Registry, type Metric } from "prom-client";
import { cumulate, leSeconds } from "./le-buckets.ts";

/** Label names and values of one series. */
export type Labels = Readonly<Record<string, string | number>>;

/** One line of a metric. */
export interface Sample {
  readonly value: number;
  readonly labels: Labels;
  /** Where it differs from the family's name (`…_bucket`, `…_sum`, `…_count`). */
  readonly metricName?: string;
}

/** A metric that is read at scrape time. */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  samples(): readonly Sample[];
}

/** What a scrape gets. */
export interface Exposition {
  readonly contentType: string;
  text(): Promise<string>;
}

/** An exposition of these families, in this order; names must be unique. */
export function createExposition(families: readonly Family[]): Exposition {
  const registry = new Registry();
  for (const family of families) registry.registerMetric(asMetric(family));
  return { contentType: registry.contentType, text: () => registry.metrics() };
}

/** The registry asks a metric for nothing but its name and `get()`; its own metric classes would
 * hash every label set again at every scrape. */
function asMetric(family: Family): Metric {
  const { name, help, type } = family;
  return {
    name,
    get: () => Promise.resolve({ name, help, type, values: family.samples(), aggregator: "sum" }),
  } as unknown as Metric;
}

/** The lines of one histogram series: `row` is a histogram row of the board in microseconds,
 * `sumUs` the sum of its latencies. */
export function histogramSamples(
  name: string,
  labels: Labels,
  row: ArrayLike<number>,
  sumUs: number,
): Sample[] {
  const counts = cumulate(row);
  const total = counts.at(-1) ?? 0;
  const samples: Sample[] = leSeconds.map((le, index) => ({
    metricName: `${name}_bucket`,
    labels: { ...labels, le },
    value: counts[index]!,
  }));
  samples.push(
    { metricName: `${name}_bucket`, labels: { ...labels, le: "+Inf" }, value: total },
    { metricName: `${name}_sum`, labels, value: sumUs / 1_000_000 },
    { metricName: `${name}_count`, labels, value: total },
  );
  return samples;
}
