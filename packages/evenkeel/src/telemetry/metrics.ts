/** Evenkeel's `/metrics`. */
import { createExposition, type Exposition } from "./exposition.ts";
import { healingMetrics } from "./healing-metrics.ts";
import { ownMetrics } from "./own-metrics.ts";
import type { MetricSources } from "./sources.ts";
import { trafficMetrics } from "./traffic-metrics.ts";

/** Everything there is to scrape; numbers are read from the sources at each scrape. */
export function createMetrics(sources: MetricSources): Exposition {
  return createExposition([
    ...trafficMetrics(sources),
    ...ownMetrics(sources),
    ...healingMetrics(sources.healing),
  ]);
}
