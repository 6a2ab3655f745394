/**
 * Every signal there is: the one list that conditions are checked against, that signals are read by
 * and that the documentation shows.
 */

/** What a signal can be of. A `route` is one of the file's, an `instance` is one of a process. */
export type SubjectKind = "upstream" | "endpoint" | "route" | "process" | "instance";

/** What a signal is measured in; `any`: whatever the source means, compared as written. */
export type SignalUnit = "none" | "ratio" | "seconds" | "bytes" | "per_second" | "any";

/** One signal. */
export interface SignalWord {
  readonly name: string;
  readonly unit: SignalUnit;
  /** The first is what it is of where nothing else is said. Empty: it has its own way to say so. */
  readonly of: readonly SubjectKind[];
  /** How far it looks back and may at most (`window=30s`); undefined: it is what it is now. */
  readonly window: { readonly usualMs: number; readonly longestMs: number } | undefined;
  /** One sentence for the documentation. */
  readonly meaning: string;
}

const traffic = { usualMs: 10_000, longestMs: 60_000 } as const;
const counts = { usualMs: 300_000, longestMs: 3_600_000 } as const;
const served = ["upstream", "endpoint", "route"] as const;
const instances = ["process", "instance", "upstream", "endpoint"] as const;

const latency = (share: string): Pick<SignalWord, "unit" | "of" | "window" | "meaning"> => ({
  unit: "seconds",
  of: served,
  window: traffic,
  meaning: `The time within which ${share} % of the requests that ended were answered, up to an eighth off; unknown where none ended.`,
});

const words: readonly SignalWord[] = [
  {
    name: "request_rate",
    unit: "per_second",
    of: served,
    window: traffic,
    meaning: "Requests per second; of an endpoint: attempts.",
  },
  {
    name: "error_ratio",
    unit: "ratio",
    of: served,
    window: traffic,
    meaning:
      "Of an upstream: requests that failed in the end, after all their attempts. Of an endpoint: attempts that failed. Of a route: answers with 5xx. Unknown without requests.",
  },
  {
    name: "5xx_ratio",
    unit: "ratio",
    of: served,
    window: traffic,
    meaning:
      "Answers with a 5xx status: of a route or an upstream those that clients got, Evenkeel's own included; of an endpoint those that it gave. Unknown without requests.",
  },
  { name: "p50", ...latency("50") },
  { name: "p90", ...latency("90") },
  { name: "p95", ...latency("95") },
  { name: "p99", ...latency("99") },
  {
    name: "in_flight",
    unit: "none",
    of: ["upstream", "endpoint"],
    window: undefined,
    meaning: "Requests begun and not ended.",
  },
  {
    name: "available",
    unit: "none",
    of: ["upstream", "endpoint"],
    window: undefined,
    meaning:
      "Endpoints that are well and take new requests; of an endpoint 1 or 0. Those that get traffic only because too few are left (panic) do not count.",
  },
  {
    name: "available_ratio",
    unit: "ratio",
    of: ["upstream"],
    window: undefined,
    meaning:
      "The share of the endpoints that are well and take new requests; unknown without endpoints.",
  },
  {
    name: "ejections",
    unit: "none",
    of: ["upstream", "endpoint"],
    window: counts,
    meaning: "Times that endpoints were ejected for their answers or by a signal.",
  },
  {
    name: "cpu_usage",
    unit: "ratio",
    of: instances,
    window: undefined,
    meaning: "Processor time of an instance as a share of one core; may be above 100 %.",
  },
  {
    name: "memory",
    unit: "bytes",
    of: instances,
    window: undefined,
    meaning: "Resident memory of an instance.",
  },
  {
    name: "restarts",
    unit: "none",
    of: instances,
    window: counts,
    meaning: "Times that an instance was started again.",
  },
  {
    name: "up",
    unit: "none",
    of: instances,
    window: undefined,
    meaning: "1 while the process of an instance runs, else 0.",
  },
  {
    name: "ready",
    unit: "none",
    of: instances,
    window: undefined,
    meaning: "1 while an instance is ready for traffic, else 0.",
  },
  {
    name: "uptime",
    unit: "seconds",
    of: instances,
    window: undefined,
    meaning: "How long the process of an instance has run; unknown while it does not.",
  },
  {
    name: "heap_used",
    unit: "bytes",
    of: instances,
    window: undefined,
    meaning: "Heap in use, from the instance's own metrics: prom-client's or Go's default ones.",
  },
  {
    name: "event_loop_lag",
    unit: "seconds",
    of: instances,
    window: undefined,
    meaning: "How late timers fire (p99), from the instance's own metrics (prom-client's default).",
  },
  {
    name: "gc_pause",
    unit: "seconds",
    of: instances,
    window: { usualMs: 60_000, longestMs: 60_000 },
    meaning:
      "The longest pause for garbage collection, from the instance's own metrics: exact in Go; with prom-client the mean of those since the page was last read.",
  },
  {
    name: "metric",
    unit: "any",
    of: instances,
    window: undefined,
    meaning:
      "Any metric of the instance's own page: `metric(name=queue_length)`, labels beside it; several series that match are added up.",
  },
  {
    name: "prometheus",
    unit: "any",
    of: [],
    window: undefined,
    meaning: 'The answer of Prometheus to a query: `prometheus("up{job=\\"api\\"}")`.',
  },
];

/** By name. */
export const vocabulary: ReadonlyMap<string, SignalWord> = new Map(
  words.map((word) => [word.name, word]),
);
