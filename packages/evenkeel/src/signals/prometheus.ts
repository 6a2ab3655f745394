/**
 * Prometheus, asked in the background. An empty answer, NaN, an error and an answer that is too old
 * all mean the same: nobody knows. None of them is zero, healthy or dead.
 */
import type { Timers } from "../health/clock.ts";
import type { SignalSettings } from "../snapshot/signal-settings.ts";
import type { Fetched, FetchOrder } from "./fetch-text.ts";
import { toNumber } from "./exposition.ts";
import { createPoller } from "./poller.ts";

const MOST_BYTES = 1024 * 1024;
const MOST_SERIES = 1000;
const FORGET_AFTER_MS = 120_000;

/** Where and how it is asked. */
export type PrometheusSettings = NonNullable<SignalSettings["prometheus"]>;

/** One series of an answer. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  /** May be NaN. */
  readonly value: number;
  readonly atMs: number;
}

/** What became of a query; a `problem` in a few words where nothing. */
export type QueryResult =
  | { readonly ok: true; readonly samples: readonly Sample[] }
  | { readonly ok: false; readonly problem: string };

/** Queries by their text. */
export interface Prometheus {
  /** The answer in force; asks from now on where nobody did. */
  query(query: string): QueryResult;
  close(): Promise<void>;
}

/** What it needs. */
export interface PrometheusDeps {
  readonly settings: PrometheusSettings;
  readonly timers: Timers;
  readonly nowMs: () => number;
  readonly fetchText: (order: FetchOrder, life: AbortSignal) => Promise<Fetched>;
}

/** Asks nothing until somebody wants to know. A failed question leaves the answer before in force
 * until that is three intervals old. */
export function createPrometheus({
  settings,
  timers,
  nowMs,
  fetchText,
}: PrometheusDeps): Prometheus {
  const poller = createPoller<string, { result: QueryResult; last: QueryResult; lastMs: number }>({
    timers,
    nowMs,
    everyMs: () => settings.intervalMs,
    concurrency: 4,
    most: 200,
    forgetAfterMs: Math.max(FORGET_AFTER_MS, 3 * settings.intervalMs),
    async ask(query, before, life) {
      const result = toResult(await fetchText(orderOf(query, settings), life));
      if (result.ok || !before) return { result, last: result, lastMs: nowMs() };
      return { ...before, last: result };
    },
  });
  return {
    query(query) {
      const answer = poller.want(query, query);
      if (answer === "full") return { ok: false, problem: "too many queries" };
      if (!answer) return { ok: false, problem: "Prometheus is being asked" };
      const { result, last, lastMs } = answer.value;
      if (nowMs() - lastMs <= 3 * settings.intervalMs) return result;
      return last.ok ? { ok: false, problem: "the last answer is too old" } : last;
    },
    close: () => poller.close(),
  };
}

function orderOf(query: string, { url, headers, timeoutMs }: PrometheusSettings): FetchOrder {
  return {
    url: `${url}/api/v1/query`,
    method: "POST",
    headers: { ...headers, "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ query, timeout: `${timeoutMs}ms` }).toString(),
    timeoutMs,
    mostBytes: MOST_BYTES,
  };
}

/** Reads an answer of `/api/v1/query`. */
export function toResult(fetched: Fetched): QueryResult {
  const refuse = (problem: string): QueryResult => ({ ok: false, problem });
  if (!fetched.ok) return refuse(`Prometheus: ${fetched.problem}`);
  const answer = parse(fetched.body);
  const error = textOf(answer?.["error"]);
  if (error !== "") return refuse(`Prometheus: ${error.slice(0, 200)}`);
  if (fetched.status !== 200) return refuse(`Prometheus answered ${fetched.status}`);
  const data = mapOf(answer?.["data"]);
  if (answer?.["status"] !== "success" || !data) return refuse("Prometheus gave no sound answer");
  switch (data["resultType"]) {
    case "scalar": {
      const sample = toSample({}, data["result"]);
      return sample ? { ok: true, samples: [sample] } : refuse("Prometheus gave no sound answer");
    }
    case "vector":
      return toSamples(data["result"]);
    default:
      return refuse(`a query must give a vector or a number, not a ${textOf(data["resultType"])}`);
  }
}

function toSamples(result: unknown): QueryResult {
  if (!Array.isArray(result)) return { ok: false, problem: "Prometheus gave no sound answer" };
  if (result.length === 0) return { ok: false, problem: "no series" };
  if (result.length > MOST_SERIES) return { ok: false, problem: `more than ${MOST_SERIES} series` };
  const samples = result.flatMap((one: unknown) => {
    const series = mapOf(one);
    const labels = Object.entries(mapOf(series?.["metric"]) ?? {});
    const texts = labels.filter((entry): entry is [string, string] => typeof entry[1] === "string");
    return toSample(Object.fromEntries(texts), series?.["value"]) ?? [];
  });
  return { ok: true, samples };
}

/** `[seconds, "text"]`. */
function toSample(labels: Readonly<Record<string, string>>, pair: unknown): Sample | undefined {
  if (!Array.isArray(pair) || typeof pair[0] !== "number") return undefined;
  const value = toNumber(textOf(pair[1]));
  return value === undefined ? undefined : { labels, value, atMs: Math.round(pair[0] * 1000) };
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return mapOf(JSON.parse(text));
  } catch {
    // No JSON: a proxy's error page, say. The status tells the rest.
    return undefined;
  }
}

function mapOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
