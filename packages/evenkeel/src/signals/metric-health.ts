/**
 * Health from signals: carries out `metric_health`. Weight first, ejection second, and never below the
 * floors, which are the health table's.
 */
import type { EndpointHealth, HealthTable } from "../health/contract.ts";
import type { MetricHealthSettings } from "../snapshot/signal-settings.ts";
import { createConditionWatch } from "./condition-watch.ts";
import type { ConditionState, ConditionWatch, SignalReader } from "./contract.ts";
import { compatible } from "./subject.ts";
import { type Opinion, weigh } from "./weigh.ts";

/** Longer than this a look is late: what comes back is not made up for. */
const LONGEST_STEP_MS = 5000;
/** What signals look back over by default: an endpoint that is back is not judged by what was. */
const SETTLE_MS = 10_000;

/** What it needs. */
export interface MetricHealthDeps {
  readonly signals: SignalReader;
  readonly health: Pick<HealthTable, "list" | "signalWeight" | "signalEject">;
}

/** The rules in force. */
export interface MetricHealth {
  /** Rules that stay go on where they are. Weights of rules that are gone come back at once. */
  apply(rules: readonly MetricHealthSettings[]): void;
  /** Judges and acts; to be called about once a second, after `Signals.sample`. `nowMs` is of any clock
   * that only goes forward. */
  look(nowMs: number): void;
}

interface Rule {
  readonly settings: MetricHealthSettings;
  readonly watch: ConditionWatch;
  /** By endpoint: not to be judged again before. */
  readonly notBeforeMs: Map<string, number>;
}

/** Starts without rules. */
export function createMetricHealth({ signals, health }: MetricHealthDeps): MetricHealth {
  let rules: readonly Rule[] = [];
  let lookedAtMs: number | undefined;

  const apply = (wanted: readonly MetricHealthSettings[]): void => {
    const before = new Map(rules.map((rule) => [keyOf(rule.settings), rule]));
    rules = wanted.map((settings) => before.get(keyOf(settings)) ?? toRule(settings, signals));
  };
  const look = (nowMs: number): void => {
    const elapsedMs = Math.min(LONGEST_STEP_MS, Math.max(0, nowMs - (lookedAtMs ?? nowMs)));
    lookedAtMs = nowMs;
    const rows = health.list();
    if (rules.length === 0 && !rows.some(({ signal }) => signal)) return;
    const found = rules.map((rule) => ({ rule, find: finder(rule.watch.look(nowMs)) }));
    const requests = countRequests(signals, rules);
    for (const row of rows) {
      const own = found.filter(({ rule }) => rule.settings.upstream === row.upstream);
      const views = own.map(({ rule, find }) => ({
        rule,
        state: find(row),
        judged: (requests.get(keyOfRow(row)) ?? 0) >= rule.settings.minRequests,
      }));
      weighRow(health, row, views, elapsedMs);
      for (const view of views) ejectRow(health, row, view, nowMs);
    }
    for (const { notBeforeMs } of rules) {
      for (const [endpoint, atMs] of notBeforeMs) if (atMs <= nowMs) notBeforeMs.delete(endpoint);
    }
  };
  return { apply, look };
}

/** What one rule says of one endpoint. */
interface View {
  readonly rule: Rule;
  readonly state: ConditionState | undefined;
  readonly judged: boolean;
}

function weighRow(
  health: MetricHealthDeps["health"],
  row: EndpointHealth,
  views: readonly View[],
  elapsedMs: number,
): void {
  const { upstream, endpoint, signal } = row;
  const current = signal?.percent ?? 100;
  const opinions = views.flatMap(toOpinion);
  if (opinions.length === 0) {
    if (signal) health.signalWeight(upstream, endpoint, 100, "no rule asks for less any more");
    return;
  }
  const next = weigh(current, opinions, elapsedMs);
  if (next) health.signalWeight(upstream, endpoint, next.percent, next.reason);
}

function toOpinion({ rule, state, judged }: View): Opinion[] {
  const { then } = rule.settings;
  if (then.kind !== "weight") return [];
  const { percent, stepPercent } = then;
  const { truth = "unknown", explanation = "" } = state ?? {};
  return [{ truth, judged, percent, stepPercent, explanation }];
}

/** Only what takes traffic is ejected, and not again for what was before it came back. */
function ejectRow(
  health: MetricHealthDeps["health"],
  row: EndpointHealth,
  { rule, state, judged }: View,
  nowMs: number,
): void {
  const { then } = rule.settings;
  if (then.kind !== "eject" || !judged || state?.truth !== "true") return;
  if (row.state !== "healthy" && row.state !== "warming") return;
  if (nowMs < (rule.notBeforeMs.get(row.endpoint) ?? 0)) return;
  if (!health.signalEject(row.upstream, row.endpoint, then.forMs, state.explanation)) return;
  rule.notBeforeMs.set(row.endpoint, nowMs + then.forMs + SETTLE_MS);
  rule.watch.clear({ upstream: row.upstream, endpoint: row.endpoint });
}

function toRule(settings: MetricHealthSettings, signals: SignalReader): Rule {
  const within = { upstream: settings.upstream, endpoint: "*" };
  const watch = createConditionWatch(settings.condition.expression, signals, within);
  return { settings, watch, notBeforeMs: new Map() };
}

/** Requests of each endpoint within the usual window, where a rule asks for some. */
function countRequests(signals: SignalReader, rules: readonly Rule[]): ReadonlyMap<string, number> {
  const asked = new Set(
    rules.flatMap(({ settings }) => (settings.minRequests > 0 ? settings.upstream : [])),
  );
  const counts = new Map<string, number>();
  for (const upstream of asked) {
    const selector = { upstream, endpoint: "*" };
    for (const reading of signals.read({ name: "request_rate", selector, query: undefined })) {
      const { upstream: of = "", endpoint = "" } = reading.subject;
      counts.set(keyOfRow({ upstream: of, endpoint }), reading.samples);
    }
  }
  return counts;
}

/** What was found, by endpoint; what was found of something wider holds for all its endpoints. */
function finder(
  states: readonly ConditionState[],
): (row: EndpointHealth) => ConditionState | undefined {
  const own = new Map<string, ConditionState>();
  const wide: ConditionState[] = [];
  for (const state of states) {
    const { upstream = "", endpoint } = state.subject;
    if (endpoint === undefined) wide.push(state);
    else own.set(keyOfRow({ upstream, endpoint }), state);
  }
  return (row) =>
    own.get(keyOfRow(row)) ??
    wide.find(({ subject }) =>
      compatible(subject, { upstream: row.upstream, endpoint: row.endpoint }),
    );
}

const keyOf = (settings: MetricHealthSettings): string =>
  JSON.stringify([settings.upstream, settings.condition.text, settings.minRequests, settings.then]);

const keyOfRow = ({ upstream, endpoint }: { upstream: string; endpoint: string }): string =>
  `${upstream}\0${endpoint}`;
