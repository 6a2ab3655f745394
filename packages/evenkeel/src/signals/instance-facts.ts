/** What the supervisor and their own metrics pages say of instances. */
import type { SignalRef } from "../expression/expression.ts";
import type { Entry, SignalInstance } from "./catalog.ts";
import type { Reading } from "./contract.ts";
import { createGrowth, type Growth } from "./growth.ts";
import type { MetricPages, PageFigure } from "./metric-pages.ts";

const KEEP_MS = 3_600_000;

type InstanceEntry = Extract<Entry, { kind: "instance" }>;

/** Words of a metric's selector that are not labels. */
const notLabels = new Set(["name", "process", "instance", "upstream", "endpoint", "route"]);

/** States in which there is a process. */
const upStates = new Set(["RUNNING", "READY", "DRAINING", "STOPPING"]);

/** Signals of instances. */
export interface InstanceFacts {
  /** Notes how often they were started again; about once a second. */
  sample(nowMs: number, instances: readonly SignalInstance[]): void;
  read(ref: SignalRef, entry: InstanceEntry, overMs: number, nowMs: number): Reading;
}

/** `metricsPath` of a process; undefined where it has no page. `wallMs` is the clock by which starts
 * of instances are told. */
export function createInstanceFacts(
  pages: MetricPages,
  metricsPath: (process: string) => string | undefined,
  wallMs: () => number,
): InstanceFacts {
  const restarts = createGrowth(KEEP_MS);
  return {
    sample(nowMs, instances) {
      restarts.sample(nowMs, new Map(instances.map((one) => [one.name, one.restarts])));
    },
    read(ref, { subject, instance }, overMs, nowMs) {
      const page = { instance, path: metricsPath(instance.process) };
      const own = supervised(ref.name, instance, restarts, { overMs, nowMs, wallMs });
      const figure =
        own ??
        (ref.name === "metric"
          ? pages.metric(ref.selector["name"] ?? "", labelsOf(ref), page)
          : pages.known(ref.name, page, overMs));
      const { value } = figure;
      if (value === undefined) {
        return { subject, value, samples: 0, atMs: nowMs, note: figure.note };
      }
      return { subject, value, samples: 1, atMs: figure.atMs };
    },
  };
}

/** What the supervisor knows; undefined for a signal that is not its. */
function supervised(
  signal: string,
  instance: SignalInstance,
  restarts: Growth,
  {
    overMs,
    nowMs,
    wallMs,
  }: { readonly overMs: number; readonly nowMs: number; readonly wallMs: () => number },
): PageFigure | undefined {
  const up = upStates.has(instance.state);
  const figure = (value: number | undefined, note: string): PageFigure =>
    value === undefined ? { value, note } : { value, atMs: nowMs };
  const down = "it is not running";
  switch (signal) {
    case "up":
      return figure(up ? 1 : 0, "");
    case "ready":
      return figure(instance.state === "READY" ? 1 : 0, "");
    case "restarts":
      return figure(restarts.within(instance.name, overMs, nowMs), "measured from now on");
    case "uptime": {
      const fromMs = up ? instance.startedAtMs : undefined;
      return figure(fromMs === undefined ? undefined : Math.max(0, wallMs() - fromMs) / 1000, down);
    }
    case "cpu_usage":
      return figure(up ? instance.cpu : undefined, up ? "measured from now on" : down);
    case "memory":
      return figure(up ? instance.memoryBytes : undefined, up ? "measured from now on" : down);
    default:
      return undefined;
  }
}

function labelsOf({ selector }: SignalRef): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(selector).filter(([key]) => !notLabels.has(key)));
}
