/** What a query's answer is of: labels that are called like our things are taken for them. */
import type { Catalog } from "./catalog.ts";
import type { Reading, SignalSubject } from "./contract.ts";
import type { QueryResult, Sample } from "./prometheus.ts";
import { subjectKey } from "./subject.ts";

/** One reading per series. What failed, and an answer without series, is one unknown reading of
 * nothing in particular: it stands for all. */
export function readSamples(
  result: QueryResult | undefined,
  catalog: Catalog,
  nowMs: number,
): readonly Reading[] {
  if (!result?.ok) {
    const note = result?.problem ?? "no Prometheus is configured";
    return [{ subject: {}, value: undefined, samples: 0, atMs: nowMs, note }];
  }
  const readings = new Map<string, Reading>();
  for (const sample of result.samples) {
    const subject = subjectOf(sample, catalog);
    const key = subjectKey(subject);
    readings.set(key, readings.has(key) ? ambiguous(subject, nowMs) : toReading(sample, subject));
  }
  return [...readings.values()];
}

function toReading({ value, atMs }: Sample, subject: SignalSubject): Reading {
  return Number.isNaN(value)
    ? { subject, value: undefined, samples: 0, atMs, note: "not a number" }
    : { subject, value, samples: 1, atMs };
}

function ambiguous(subject: SignalSubject, atMs: number): Reading {
  const note = "several series mean the same: aggregate them in the query";
  return { subject, value: undefined, samples: 0, atMs, note };
}

/** Prometheus calls an address `instance`; where it is one of our endpoints, that is what is meant.
 * What is known of whom is found becomes part of the subject. */
function subjectOf({ labels }: Sample, catalog: Catalog): SignalSubject {
  const { instance } = labels as { readonly instance?: string };
  if (instance !== undefined) {
    const own = catalog.instances.find(({ subject }) => subject.instance === instance);
    const found = own?.subject ?? endpointOf(instance, labels["upstream"], catalog);
    if (found) return found;
  }
  const subject: { -readonly [K in keyof SignalSubject]: SignalSubject[K] } = {};
  for (const kind of ["upstream", "endpoint", "process", "route"] as const) {
    const value = labels[kind];
    if (value !== undefined) subject[kind] = value;
  }
  if (subject.endpoint === undefined) return subject;
  return endpointOf(subject.endpoint, subject.upstream, catalog) ?? subject;
}

/** The one endpoint of that name; undefined where there are several, or none. */
function endpointOf(
  name: string,
  upstream: string | undefined,
  catalog: Catalog,
): SignalSubject | undefined {
  const all = catalog.endpointsNamed(name).map(({ subject }) => subject);
  const meant = upstream === undefined ? all : all.filter((one) => one.upstream === upstream);
  return meant.length === 1 ? meant[0] : undefined;
}
