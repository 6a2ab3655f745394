/** Where signals come from and what they do to endpoints, as the configuration asks for it. */
import type { Condition } from "../expression/expression.ts";

export interface SignalSettings {
  /** For `prometheus("…")` in conditions; undefined: not available. */
  readonly prometheus:
    | {
        readonly url: string;
        readonly timeoutMs: number;
        readonly intervalMs: number;
        readonly headers: Readonly<Record<string, string>>;
      }
    | undefined;
  /** One per rule of an upstream's `metric_health`. */
  readonly metricHealth: readonly MetricHealthSettings[];
}

/** What a signal does to an endpoint: its weight first, ejection second. */
export interface MetricHealthSettings {
  readonly upstream: string;
  /** Judged for each endpoint of the upstream by itself; unknown changes nothing. */
  readonly condition: Condition;
  /** Below so many requests in the window nothing is judged. */
  readonly minRequests: number;
  readonly then:
    /** Percent of the weight in force, by steps back to 100 once the condition ended. */
    | { readonly kind: "weight"; readonly percent: number; readonly stepPercent: number }
    | { readonly kind: "eject"; readonly forMs: number };
}
