/** The Prometheus pages of instances, read in the background while conditions ask for them. */
import type { Timers } from "../health/clock.ts";
import type { SignalInstance } from "./catalog.ts";
import { readExposition, type Series } from "./exposition.ts";
import type { Fetched, FetchOrder } from "./fetch-text.ts";
import { knownGauge, knownNames, longestPause } from "./known-metrics.ts";
import { createPoller } from "./poller.ts";

const EVERY_MS = 5000;
const TIMEOUT_MS = 2000;
const MOST_BYTES = 2 * 1024 * 1024;
const MOST_SERIES = 10_000;
const MOST_NAMES = 1000;
/** An answer counts for so long; a page that fails leaves the one before in force until then. */
const STALE_AFTER_MS = 3 * EVERY_MS;
const FORGET_AFTER_MS = 120_000;
/** How long a pause for garbage collection is remembered. */
const PAUSES_KEPT_MS = 60_000;

/** What a page says, or why it says nothing. */
export type PageFigure =
  | { readonly value: number; readonly atMs: number }
  | { readonly value: undefined; readonly note: string };

/** Which page, and of whom. */
export interface MetricPage {
  readonly instance: SignalInstance;
  /** Undefined: the instance has none. */
  readonly path: string | undefined;
}

/** Pages by instance. */
export interface MetricPages {
  /** `heap_used`, `event_loop_lag` or `gc_pause` (the longest within `overMs`). */
  known(signal: string, page: MetricPage, overMs: number): PageFigure;
  /** Series of that name that have these labels, added up. */
  metric(name: string, labels: Readonly<Record<string, string>>, page: MetricPage): PageFigure;
  close(): Promise<void>;
}

/** What the pages need. */
export interface MetricPagesDeps {
  readonly timers: Timers;
  readonly nowMs: () => number;
  readonly fetchText: (order: FetchOrder, life: AbortSignal) => Promise<Fetched>;
}

interface Page {
  /** The last page that was read, and when. */
  readonly series: readonly Series[] | undefined;
  readonly readAtMs: number;
  readonly problem: string | undefined;
  readonly pauses: readonly { readonly atMs: number; readonly seconds: number }[];
}

/** Reads nothing until somebody asks. */
export function createMetricPages(deps: MetricPagesDeps): MetricPages {
  /** Names that are asked for, and when they were last. */
  const names = new Map<string, number>();
  const wanted = (name: string): boolean => knownNames.has(name) || names.has(name);
  const poller = createPoller<string, Page>({
    timers: deps.timers,
    nowMs: deps.nowMs,
    everyMs: () => EVERY_MS,
    concurrency: 8,
    most: 1000,
    forgetAfterMs: FORGET_AFTER_MS,
    async ask(url, before, life) {
      const order = { url, timeoutMs: TIMEOUT_MS, mostBytes: MOST_BYTES };
      const fetched = await deps.fetchText(order, life);
      return toPage(fetched, before, wanted, deps.nowMs());
    },
  });

  const read = (
    { instance, path }: MetricPage,
    figure: (page: Page, series: readonly Series[]) => number | undefined,
    missing: string,
  ): PageFigure => {
    if (path === undefined) return unknown("its process has no metrics page");
    if (!instance.address) return unknown("it has no port");
    if (instance.startedAtMs === undefined) return unknown("it is not running");
    const { host, port } = instance.address;
    const at = host.includes(":") ? `[${host}]` : host;
    const url = `http://${at}:${port}${path}`;
    // A new process on the same port is somebody else.
    const answer = poller.want(`${instance.startedAtMs} ${url}`, url);
    if (answer === "full") return unknown("too many metrics pages are read");
    const page = answer?.value;
    if (!page) return unknown("its metrics page is being read");
    const stale = deps.nowMs() - page.readAtMs > STALE_AFTER_MS;
    if (!page.series || stale) return unknown(page.problem ?? "its metrics page is out of date");
    const value = figure(page, page.series);
    return value === undefined ? unknown(missing) : { value, atMs: page.readAtMs };
  };
  return {
    known: (signal, page, overMs) =>
      read(
        page,
        ({ pauses, readAtMs }, series) =>
          signal === "gc_pause" ? longestOf(pauses, readAtMs - overMs) : knownGauge(signal, series),
        "its metrics page does not have it",
      ),
    metric(name, labels, page) {
      const nowMs = deps.nowMs();
      if (!names.has(name) && names.size >= MOST_NAMES) forgetOld(names, nowMs);
      if (!names.has(name) && names.size >= MOST_NAMES) return unknown("too many metrics are read");
      names.set(name, nowMs);
      return read(page, (_, series) => total(series, name, labels), `it has no such ${name}`);
    },
    close: () => poller.close(),
  };
}

/** What nobody has asked for lately: conditions come and go with the configuration. */
function forgetOld(names: Map<string, number>, nowMs: number): void {
  for (const [name, atMs] of names) if (nowMs - atMs > FORGET_AFTER_MS) names.delete(name);
}

const unknown = (note: string): PageFigure => ({ value: undefined, note });

function toPage(
  fetched: Fetched,
  before: Page | undefined,
  wanted: (name: string) => boolean,
  nowMs: number,
): Page {
  if (!fetched.ok || fetched.status !== 200) {
    const problem = fetched.ok ? `it answered ${fetched.status}` : fetched.problem;
    return {
      series: before?.series,
      readAtMs: before?.readAtMs ?? 0,
      pauses: before?.pauses ?? [],
      problem: `its metrics page: ${problem}`,
    };
  }
  const series = readExposition(fetched.body, wanted, MOST_SERIES);
  const pause = longestPause(series, before?.series);
  const recent = before?.pauses.filter(({ atMs }) => atMs > nowMs - PAUSES_KEPT_MS) ?? [];
  const pauses = pause === undefined ? recent : [...recent, { atMs: nowMs, seconds: pause }];
  return { series, readAtMs: nowMs, problem: undefined, pauses };
}

function longestOf(pauses: Page["pauses"], sinceMs: number): number | undefined {
  const recent = pauses.filter(({ atMs }) => atMs >= sinceMs);
  return recent.length === 0 ? undefined : Math.max(...recent.map(({ seconds }) => seconds));
}

function total(
  page: readonly Series[],
  name: string,
  labels: Readonly<Record<string, string>>,
): number | undefined {
  let found: number | undefined;
  for (const series of page) {
    if (series.name !== name) continue;
    const has = Object.entries(labels).every(([key, value]) => series.labels[key] === value);
    if (has) found = (found ?? 0) + series.value;
  }
  return found === undefined || Number.isNaN(found) ? undefined : found;
}
