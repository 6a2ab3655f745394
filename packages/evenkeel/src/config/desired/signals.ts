/** Where signals come from and what they do. */
import type { MetricHealthSettings, SignalSettings } from "../../snapshot/signal-settings.ts";
import type { Config } from "../config.ts";
import type { MetricHealthConfig } from "../schema/metric-health.ts";

/** In configuration order. */
export function toSignals({ prometheus, upstreams }: Config): SignalSettings {
  return {
    prometheus: prometheus && {
      url: prometheus.url,
      timeoutMs: prometheus.timeout,
      intervalMs: prometheus.interval,
      headers: prometheus.headers,
    },
    metricHealth: Object.entries(upstreams).flatMap(([upstream, { metric_health: rules }]) =>
      rules.map((rule) => ({
        upstream,
        condition: rule.when,
        minRequests: rule.min_requests,
        // oxlint-disable-next-line no-thenable -- a word, not a function
        then: toConsequence(rule.then),
      })),
    ),
  };
}

function toConsequence({
  weight,
  eject,
  step,
}: MetricHealthConfig["then"]): MetricHealthSettings["then"] {
  // The checks let exactly one of the two through.
  return weight === undefined
    ? { kind: "eject", forMs: eject ?? 0 }
    : { kind: "weight", percent: weight, stepPercent: step };
}
