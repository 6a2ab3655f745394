/** Reads every signal there is; what each means is in expression/vocabulary.ts. */
import type { Board } from "../board/board.ts";
import { parseDuration } from "../lib/duration.ts";
import type { SignalRef } from "../expression/expression.ts";
import { type SignalWord, vocabulary } from "../expression/vocabulary.ts";
import type { Clock, Timers } from "../health/clock.ts";
import type { EndpointHealth } from "../health/contract.ts";
import type { ProcessSettings } from "../snapshot/process-settings.ts";
import type { SignalSettings } from "../snapshot/signal-settings.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";
import { type Catalog, createCatalog, type Entry, type SignalInstance } from "./catalog.ts";
import type { Reading, SignalReader } from "./contract.ts";
import { createEndpointFacts } from "./endpoint-facts.ts";
import { fetchText } from "./fetch-text.ts";
import { createInstanceFacts } from "./instance-facts.ts";
import { createMetricPages } from "./metric-pages.ts";
import { createPrometheus, type Prometheus } from "./prometheus.ts";
import { readSamples } from "./read-samples.ts";
import { matches } from "./subject.ts";
import { createTraffic } from "./traffic.ts";

/** What signals are made of. */
export interface SignalDeps {
  readonly board: Board;
  readonly timers: Timers;
  readonly clock: Clock;
  /** What is in force now. */
  readonly snapshot: () => Snapshot;
  readonly health: () => readonly EndpointHealth[];
  /** The supervisor's list; empty without processes. */
  readonly instances: () => readonly SignalInstance[];
  /** Asks for a page; the machine's own way where left out. */
  readonly fetchText?: typeof fetchText;
}

/** All signals. The owner closes it. */
export interface Signals extends SignalReader {
  /** Takes over where signals come from. */
  apply(
    settings: Pick<SignalSettings, "prometheus">,
    processes: readonly Pick<ProcessSettings, "name" | "metricsPath">[],
  ): void;
  /** Notes how far all counters are; to be called about once a second, before anybody reads. */
  sample(): void;
  close(): Promise<void>;
}

/** Measures nothing until something is read. */
export function createSignals(deps: SignalDeps): Signals {
  return new AllSignals(deps);
}

class AllSignals implements Signals {
  readonly #deps: SignalDeps;
  /** The wall clock as it was, gone on evenly: windows must not stretch where it is set. */
  readonly #nowMs: () => number;
  readonly #traffic;
  readonly #endpoints;
  readonly #instances;
  readonly #pages;
  readonly #ask;
  #catalog: Catalog | undefined;
  #prometheus: Prometheus | undefined;
  #prometheusSettings = "";
  #metricsPaths: ReadonlyMap<string, string | undefined> = new Map();
  #closing: Promise<void>[] = [];

  constructor(deps: SignalDeps) {
    this.#deps = deps;
    const { clock } = deps;
    const offsetMs = clock.nowMs() - clock.monotonicMs();
    this.#nowMs = () => offsetMs + clock.monotonicMs();
    this.#ask = deps.fetchText ?? fetchText;
    this.#traffic = createTraffic(deps.board, this.#nowMs());
    this.#endpoints = createEndpointFacts(deps.board, deps.health);
    this.#pages = createMetricPages({
      timers: deps.timers,
      nowMs: this.#nowMs,
      fetchText: this.#ask,
    });
    this.#instances = createInstanceFacts(
      this.#pages,
      (process) => this.#metricsPaths.get(process),
      () => clock.nowMs(),
    );
  }

  apply(
    { prometheus }: Pick<SignalSettings, "prometheus">,
    processes: readonly Pick<ProcessSettings, "name" | "metricsPath">[],
  ): void {
    this.#metricsPaths = new Map(processes.map(({ name, metricsPath }) => [name, metricsPath]));
    const written = JSON.stringify(prometheus ?? null);
    if (written === this.#prometheusSettings) return;
    this.#prometheusSettings = written;
    if (this.#prometheus) this.#closing.push(this.#prometheus.close());
    const common = { timers: this.#deps.timers, nowMs: this.#nowMs, fetchText: this.#ask };
    this.#prometheus = prometheus && createPrometheus({ settings: prometheus, ...common });
  }

  sample(): void {
    const nowMs = this.#nowMs();
    this.#catalog = undefined;
    this.#endpoints.sample(nowMs);
    this.#instances.sample(nowMs, this.#deps.instances());
    this.#traffic.sample(nowMs, () => this.#everybody());
  }

  read(ref: SignalRef): readonly Reading[] {
    const word = vocabulary.get(ref.name);
    if (!word) return [];
    if (ref.query !== undefined) {
      return readSamples(this.#prometheus?.query(ref.query), this.#everybody(), this.#nowMs());
    }
    const entries = candidates(word, ref.selector, this.#everybody());
    return entries.map((entry) => this.#readOne(word, ref, entry));
  }

  async close(): Promise<void> {
    await Promise.all([this.#pages.close(), this.#prometheus?.close(), ...this.#closing]);
  }

  #everybody(): Catalog {
    return (this.#catalog ??= createCatalog(this.#deps.snapshot(), this.#deps.instances()));
  }

  #readOne(word: SignalWord, ref: SignalRef, entry: Entry): Reading {
    const nowMs = this.#nowMs();
    const written = ref.selector["window"];
    const overMs =
      (written !== undefined && word.window && parseDuration(written)) ||
      (word.window?.usualMs ?? 0);
    if (entry.kind === "instance") return this.#instances.read(ref, entry, overMs, nowMs);
    switch (word.name) {
      case "in_flight":
      case "available":
      case "available_ratio":
      case "ejections":
        return this.#endpoints.read(word.name, entry, overMs, nowMs);
      default:
        return this.#traffic.read(word.name, entry, overMs, nowMs);
    }
  }
}

/** Whom a reference speaks of. Instances narrow endpoints to their own; what only upstreams have is
 * read of the upstream where an endpoint is asked for. */
function candidates(
  { of }: SignalWord,
  selector: Readonly<Record<string, string>>,
  catalog: Catalog,
): readonly Entry[] {
  const { upstream, ...rest } = selector;
  if (of[0] === "process")
    return catalog.instances.filter(({ subject }) => matches(subject, selector));
  if (rest["route"] !== undefined) {
    return of.includes("route")
      ? catalog.routes.filter(({ subject }) => matches(subject, selector))
      : [];
  }
  const narrower = ["endpoint", "process", "instance"].some((kind) => rest[kind] !== undefined);
  if (narrower && of.includes("endpoint")) {
    return catalog.endpoints.filter(({ subject }) => matches(subject, selector));
  }
  const wide = upstream === undefined ? {} : { upstream };
  return catalog.upstreams.filter(({ subject }) => matches(subject, wide));
}
