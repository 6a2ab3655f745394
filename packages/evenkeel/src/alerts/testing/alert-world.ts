/** Alerting in a world of its own: a clock that is set, conditions that are what the test says, and
 * receivers that take, refuse or lose what they are sent. */
import type { Memory } from "../../history/contract.ts";
import type { ConditionState, CreateConditionWatch } from "../../signals/contract.ts";
import type {
  AlertRouteSettings,
  AlertRuleSettings,
  AlertSettings,
  ReceiverSettings,
} from "../../snapshot/alert-settings.ts";
import type { Alerts, Notice } from "../contract.ts";
import { createAlerts } from "../create-alerts.ts";
import type { SendOutcome } from "../deps.ts";
import type { Message } from "../message.ts";

/** When the world begins: a quarter past ten, in UTC. */
export const BEGIN = Date.UTC(2027, 2, 1, 10, 15);

export interface Arrival {
  readonly receiver: string;
  readonly message: Message;
  readonly atMs: number;
}

/** What a receiver does with a message. `lost`: it takes it, but its answer does not arrive. */
export type Manner = "takes" | "fails" | "refuses" | "lost" | "hangs";

export class AlertWorld {
  nowMs = BEGIN;
  settings: AlertSettings;
  readonly arrivals: Arrival[] = [];
  /** Every try, also those that went wrong. */
  readonly tries: Arrival[] = [];
  readonly told: string[] = [];
  readonly logged: string[] = [];
  readonly manners = new Map<string, Manner>();
  /** What the condition of a rule is now, by its text. */
  readonly conditions = new Map<string, readonly ConditionState[]>();
  readonly looks: number[] = [];
  readonly store = new Map<string, string>();
  alerts: Alerts;
  #ids = 0;
  #life = 0;
  #timers = new Map<number, { readonly atMs: number; readonly run: () => void }>();

  constructor(settings: AlertSettings) {
    this.settings = settings;
    this.alerts = this.#begin();
  }

  #begin(): Alerts {
    const life = ++this.#life;
    const alerts = createAlerts({
      reader: { read: () => [] },
      watch: this.#watch,
      memory: memoryOver(this.store, () => life === this.#life),
      log: { info() {}, warn: this.#log, error: this.#log },
      nowMs: () => this.nowMs,
      timers: {
        setTimeout: (run, delayMs) => {
          const id = ++this.#ids;
          this.#timers.set(id, { atMs: this.nowMs + delayMs, run });
          return id;
        },
        clearTimeout: (id) => void this.#timers.delete(id as number),
      },
      random: () => 0.5,
      newId: () => `id-${String(++this.#ids).padStart(6, "0")}`,
      send: (receiver, message) => this.#send(receiver, message, life),
      onFiring: (name, _labels, _subject, state) => void this.told.push(`${name} ${state}`),
    });
    alerts.apply(this.settings);
    return alerts;
  }

  readonly #log = (_fields: object, text: string): void => void this.logged.push(text);

  readonly #watch: CreateConditionWatch = (expression) => ({
    look: (nowMs) => {
      this.looks.push(nowMs - BEGIN);
      return this.conditions.get(expression.kind === "comparison" ? expression.written : "") ?? [];
    },
    clear() {},
  });

  #send(receiver: ReceiverSettings, message: Message, life: number): Promise<SendOutcome> {
    // What a predecessor still had in hand dies with it.
    if (life !== this.#life) return new Promise(() => {});
    const arrival = { receiver: receiver.name, message, atMs: this.nowMs };
    this.tries.push(arrival);
    const manner = this.manners.get(receiver.name) ?? "takes";
    if (manner === "hangs") return new Promise(() => {});
    if (manner === "takes" || manner === "lost") this.arrivals.push(arrival);
    if (manner === "takes") return Promise.resolve({ kind: "sent", text: "ok" });
    if (manner === "refuses") return Promise.resolve({ kind: "refused", text: "it answered 400" });
    return Promise.resolve({ kind: "failed", text: "it answered 503", notBeforeMs: undefined });
  }

  /** A new one over the same memory; the old one is gone without a word, as after kill -9. */
  crash(): void {
    this.alerts = this.#begin();
  }

  apply(settings: AlertSettings): void {
    this.settings = settings;
    this.alerts.apply(settings);
  }

  /** Second by second, as control does. */
  async pass(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      this.nowMs += 1000;
      for (const [id, { atMs, run }] of this.#timers) {
        if (atMs > this.nowMs) continue;
        this.#timers.delete(id);
        run();
      }
      this.alerts.tick(this.nowMs);
      await settled();
    }
  }

  /** `pager firing a b`, one per message that arrived since the last time. */
  heard(): string[] {
    return this.arrivals.splice(0).map(({ receiver, message }) => {
      const keys = message.alerts.map(({ key, status }) =>
        status === message.status ? key : `${key}(${status})`,
      );
      const word = message.kind === "alerts" ? message.status : message.kind;
      return `${receiver} ${word} ${keys.join(" ")}`;
    });
  }
}

/** Until everything that is ready to run has run. */
export function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function memoryOver(store: Map<string, string>, isAlive: () => boolean): Memory {
  const idOf = (space: string, key: string): string => `${space}\n${key}`;
  return {
    get(space, key) {
      const value = store.get(idOf(space, key));
      return value === undefined ? undefined : (JSON.parse(value) as unknown);
    },
    set(space, key, value) {
      if (isAlive()) store.set(idOf(space, key), JSON.stringify(value));
    },
    delete(space, key) {
      if (isAlive()) store.delete(idOf(space, key));
    },
    all: (space) =>
      [...store]
        .filter(([id]) => id.startsWith(`${space}\n`))
        .map(([id, value]) => [id.slice(space.length + 1), JSON.parse(value) as unknown] as const),
  };
}

/** Settings with what a test cares about. */
export function settingsOf(parts: Partial<AlertSettings>): AlertSettings {
  return { rules: [], receivers: [], routes: [], maintenance: [], ...parts };
}

/** A receiver of a kind; what it is sent is never really sent. */
export function receiver(name: string, kind: "webhook" | "pagerduty" | "alertmanager" = "webhook") {
  const common = { name, sendResolved: true, word: kind };
  if (kind === "alertmanager") return { ...common, kind, url: "http://am" } as const;
  if (kind === "pagerduty") return { ...common, kind, url: "http://p", routingKey: "k" } as const;
  const hook = {
    method: "POST",
    headers: {},
    body: undefined,
    contentType: "application/json",
  } as const;
  return { ...common, kind, url: "http://w", ...hook } as const;
}

/** A route to receivers: all in one group, waiting 10 s, looked at each 60 s, repeated after 10 m. */
export function route(
  receivers: string[],
  more: Partial<AlertRouteSettings> = {},
): AlertRouteSettings {
  const times = { groupWaitMs: 10_000, groupIntervalMs: 60_000, repeatMs: 600_000 };
  return { match: {}, receivers, groupBy: [], ...times, ...more };
}

/** A rule on the condition of its own name, looked at every second. */
export function rule(name: string, more: Partial<AlertRuleSettings> = {}): AlertRuleSettings {
  const signal = { name: "up", selector: {}, query: undefined };
  const expression = {
    kind: "comparison",
    signal,
    comparator: "<",
    value: 1,
    unit: "none",
    written: name,
  } as const;
  return {
    name,
    condition: { text: name, expression },
    severity: "P1",
    intervalMs: 1000,
    keepFiringMs: 0,
    summary: "{{upstream}} is at {{value}}",
    runbook: undefined,
    labels: {},
    ...more,
  };
}

/** A notice whose key is its alert's name. */
export function notice(key: string, more: Partial<Notice> = {}): Notice {
  return {
    key,
    alert: key,
    severity: "P1",
    labels: {},
    summary: `${key} is wrong`,
    details: "",
    runbook: undefined,
    startedAtMs: BEGIN,
    ...more,
  };
}

/** How a condition stands for an upstream. */
export function state(
  upstream: string,
  truth: ConditionState["truth"],
  firstTrueAtMs: number | undefined = truth === "true" ? BEGIN : undefined,
): ConditionState {
  const explanation = `error_ratio = 3 % (> 1 %), 340 requests`;
  return { subject: { upstream }, truth, sinceMs: BEGIN, firstTrueAtMs, explanation };
}
