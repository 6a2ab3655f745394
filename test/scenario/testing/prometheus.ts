/** A strict reader of Prometheus' text format (version 0.0.4). */

/** One line of numbers. */
export interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Everything scraped at once. */
export interface Scrape {
  readonly types: ReadonlyMap<string, string>;
  readonly series: readonly Series[];
  /** The sum of all series of that name whose labels have these values; throws where there is none. */
  sum(name: string, labels?: Readonly<Record<string, string>>): number;
}

const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const META = new RegExp(`^# (HELP|TYPE) (${NAME}) (.+)$`);
const SAMPLE = new RegExp(
  `^(${NAME})(?:\\{(.*)\\})? ([+-]?(?:Inf|[0-9]+(?:\\.[0-9]+)?(?:e[+-]?[0-9]+)?)|NaN)$`,
);
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"(?:,|$)/y;
const SUFFIX = /_(bucket|sum|count)$/;

/** Reads a scrape; throws with the line on anything the format does not allow: unknown syntax,
 * series before their type, one family in two places, the same series twice, histograms that are
 * not cumulative or lack their end. */
export function parseMetrics(text: string): Scrape {
  if (!text.endsWith("\n")) throw new Error("the last line does not end");
  const types = new Map<string, string>();
  const series: Series[] = [];
  const seen = new Set<string>();
  const closed = new Set<string>();
  let family = "";
  for (const line of text.slice(0, -1).split("\n")) {
    if (line === "") continue;
    const meta = META.exec(line);
    if (meta) {
      const [, kind, name, rest] = meta as unknown as [string, string, string, string];
      if (name !== family) {
        if (closed.has(name)) throw new Error(`a family in two places: ${line}`);
        closed.add(name);
        family = name;
      }
      if (kind === "TYPE") {
        if (!/^(counter|gauge|histogram|summary|untyped)$/.test(rest) || types.has(name)) {
          throw new Error(`bad type: ${line}`);
        }
        types.set(name, rest);
      }
      continue;
    }
    const sample = SAMPLE.exec(line);
    if (!sample) throw new Error(`not a line of the format: ${line}`);
    const [, name, labelText, value] = sample as unknown as [string, string, string, string];
    const type = types.get(family);
    const isPart = type === "histogram" ? SUFFIX.test(name) : name === family;
    if (!isPart || (type === "histogram" ? name.replace(SUFFIX, "") : name) !== family) {
      throw new Error(`a series outside its family ${family}: ${line}`);
    }
    const key = line.slice(0, line.lastIndexOf(" "));
    if (seen.has(key)) throw new Error(`the same series twice: ${line}`);
    seen.add(key);
    series.push({ name, labels: parseLabels(labelText ?? ""), value: toNumber(value) });
  }
  checkHistograms(types, series);
  return {
    types,
    series,
    sum(name, labels = {}) {
      const found = series.filter(
        (one) =>
          one.name === name &&
          Object.entries(labels).every(([label, value]) => one.labels[label] === value),
      );
      if (found.length === 0) throw new Error(`no series ${name} ${JSON.stringify(labels)}`);
      return found.reduce((total, { value }) => total + value, 0);
    },
  };
}

function parseLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (let at = 0; at < text.length; at = LABEL.lastIndex) {
    LABEL.lastIndex = at;
    const match = LABEL.exec(text);
    if (!match) throw new Error(`malformed labels: ${text}`);
    labels[match[1]!] = match[2]!.replaceAll(/\\(["\\n])/g, (_, escaped: string) =>
      escaped === "n" ? "\n" : escaped,
    );
  }
  return labels;
}

function toNumber(text: string): number {
  if (!text.endsWith("Inf")) return text === "" ? Number.NaN : Number(text);
  return text.startsWith("-") ? -Infinity : Infinity;
}

function checkHistograms(types: ReadonlyMap<string, string>, series: readonly Series[]): void {
  for (const [name, type] of types) {
    if (type !== "histogram") continue;
    const byLabels = new Map<string, Series[]>();
    for (const one of series.filter((other) => other.name === `${name}_bucket`)) {
      const { le: _, ...rest } = one.labels;
      const key = JSON.stringify(rest);
      byLabels.set(key, [...(byLabels.get(key) ?? []), one]);
    }
    for (const [key, buckets] of byLabels) checkBuckets(`${name}${key}`, buckets);
  }
}

function checkBuckets(name: string, buckets: readonly Series[]): void {
  let edge = -Infinity;
  let count = 0;
  for (const { labels, value } of buckets) {
    const next = toNumber(labels["le"] ?? "");
    if (Number.isNaN(next) || next <= edge) throw new Error(`${name}: edges out of order`);
    if (value < count) throw new Error(`${name}: not cumulative`);
    edge = next;
    count = value;
  }
  if (edge !== Infinity) throw new Error(`${name}: no end`);
}
