/** What acts by itself, in numbers: processes, incidents, plans, alerts and drills. */
import type { Family, Sample } from "./exposition.ts";

/** As plain facts: telemetry knows none of those who do it. */
export interface HealingFacts {
  readonly instances: readonly {
    readonly name: string;
    readonly process: string;
    readonly state: string;
    /** It is not up, and need not be. */
    readonly done: boolean;
    readonly restarts: number;
    /** Share of one core; undefined until it was measured. */
    readonly cpu: number | undefined;
    readonly memoryBytes: number | undefined;
  }[];
  readonly plans: readonly {
    readonly name: string;
    readonly state: string;
    /** No drill proved it lately. */
    readonly unproven: boolean;
  }[];
  readonly incidentsOpen: number;
  /** Plain words; undefined while plans may act. */
  readonly frozen: string | undefined;
  /** Firing alerts by severity. */
  readonly alertsFiring: Readonly<Record<string, number>>;
  readonly receivers: readonly {
    readonly name: string;
    readonly waiting: number;
    readonly sent: number;
    readonly retried: number;
    readonly givenUp: number;
  }[];
  /** The drill under way. */
  readonly drill: string | undefined;
  /** What is wrong with the history's file; undefined while all is well. */
  readonly historyProblem: string | undefined;
}

const instanceStates = [
  "STOPPED",
  "STARTING",
  "RUNNING",
  "READY",
  "BACKOFF",
  "DRAINING",
  "STOPPING",
  "EXITED",
  "FATAL",
  "UNKNOWN",
] as const;

/** All families; `read` is asked once for each scrape. */
export function healingMetrics(read: () => HealingFacts): Family[] {
  const facts = oncePerTurn(read);
  return [...instanceMetrics(facts), ...planMetrics(facts), ...alertMetrics(facts)];
}

/** A scrape asks all families in one turn of the event loop: what they share is read once. */
function oncePerTurn<T>(read: () => T): () => T {
  let known: { readonly value: T } | undefined;
  return () => {
    if (!known) {
      known = { value: read() };
      queueMicrotask(() => (known = undefined));
    }
    return known.value;
  };
}

function instanceMetrics(facts: () => HealingFacts): Family[] {
  type Instance = HealingFacts["instances"][number];
  const each = (value: (one: Instance) => number | undefined) => (): Sample[] =>
    facts().instances.flatMap((one) => {
      const read = value(one);
      const labels = { process: one.process, instance: one.name };
      return read === undefined ? [] : [{ labels, value: read }];
    });
  return [
    {
      name: "evenkeel_process_instance_state",
      help: "1 for the state the instance is in, 0 for the others.",
      type: "gauge",
      samples: () =>
        facts().instances.flatMap(({ name, process, state: now }) =>
          instanceStates.map((state) => ({
            labels: { process, instance: name, state },
            value: state === now ? 1 : 0,
          })),
        ),
    },
    {
      name: "evenkeel_process_instance_restarts_total",
      help: "Times that the instance was started again.",
      type: "counter",
      samples: each(({ restarts }) => restarts),
    },
    {
      name: "evenkeel_process_instance_cpu_ratio",
      help: "Processor time as a share of one core.",
      type: "gauge",
      samples: each(({ cpu }) => cpu),
    },
    {
      name: "evenkeel_process_instance_memory_bytes",
      help: "Resident memory.",
      type: "gauge",
      samples: each(({ memoryBytes }) => memoryBytes),
    },
  ];
}

function planMetrics(facts: () => HealingFacts): Family[] {
  return [
    gauge("evenkeel_incidents_open", "Incidents that are not resolved.", () => [
      { labels: {}, value: facts().incidentsOpen },
    ]),
    gauge("evenkeel_plan_running", "1 while a run of the plan is under way.", () =>
      facts().plans.map(({ name, state }) => ({
        labels: { plan: name },
        value: state === "running" || state === "waiting" ? 1 : 0,
      })),
    ),
    gauge("evenkeel_plan_unproven", "1 where no drill proved the plan lately.", () =>
      facts().plans.map(({ name, unproven }) => ({
        labels: { plan: name },
        value: unproven ? 1 : 0,
      })),
    ),
    gauge("evenkeel_recovery_frozen", "1 while no plan may act.", () => [
      { labels: {}, value: facts().frozen === undefined ? 0 : 1 },
    ]),
    gauge("evenkeel_drill_running", "1 while a drill is under way.", () => [
      { labels: {}, value: facts().drill === undefined ? 0 : 1 },
    ]),
    gauge("evenkeel_history_ok", "0 while ledger and incidents can't be written.", () => [
      { labels: {}, value: facts().historyProblem === undefined ? 1 : 0 },
    ]),
  ];
}

function alertMetrics(facts: () => HealingFacts): Family[] {
  const deliveries = ["sent", "retried", "givenUp"] as const;
  const words = { sent: "sent", retried: "retried", givenUp: "given_up" } as const;
  return [
    gauge("evenkeel_alerts_firing", "Alerts that fire, by severity.", () =>
      Object.entries(facts().alertsFiring).map(([severity, value]) => ({
        labels: { severity },
        value,
      })),
    ),
    gauge("evenkeel_alert_deliveries_waiting", "Notifications that are still to be sent.", () =>
      facts().receivers.map(({ name, waiting }) => ({
        labels: { receiver: name },
        value: waiting,
      })),
    ),
    {
      name: "evenkeel_alert_deliveries_total",
      help: "Tries to notify, by how they went.",
      type: "counter",
      samples: () =>
        facts().receivers.flatMap((one) =>
          deliveries.map((key) => ({
            labels: { receiver: one.name, result: words[key] },
            value: one[key],
          })),
        ),
    },
  ];
}

function gauge(name: string, help: string, samples: () => Sample[]): Family {
  return { name, help, type: "gauge", samples };
}
