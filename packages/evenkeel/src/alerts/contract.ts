/** Alerts and the telling of them. */
import type { SignalSubject } from "../signals/contract.ts";
import type { AlertSettings, Severity } from "../snapshot/alert-settings.ts";

/** Something to tell, by a rule, a plan or a drill. */
export interface Notice {
  /** Equal ones are one alert: its life begins and ends under this key. */
  readonly key: string;
  readonly alert: string;
  readonly severity: Severity;
  readonly labels: Readonly<Record<string, string>>;
  readonly summary: string;
  /** More, for who opens it. */
  readonly details: string;
  readonly runbook: string | undefined;
  readonly startedAtMs: number;
}

export interface AlertView extends Notice {
  readonly state: "pending" | "firing" | "resolved";
  readonly sinceMs: number;
  readonly silencedBy: string | undefined;
  readonly acknowledgedBy: string | undefined;
}

export interface SilenceView {
  readonly id: string;
  readonly match: Readonly<Record<string, string>>;
  readonly untilMs: number;
  readonly by: string;
  readonly comment: string;
}

export interface Alerts {
  apply(settings: AlertSettings): void;
  /** Looks at the rules that are due and sends what is due; call it about once a second. */
  tick(nowMs: number): void;
  /** Begins an alert of somebody else's making; with `receivers`, these and no others are told. */
  fire(notice: Notice, receivers?: readonly string[]): void;
  resolve(key: string, summary?: string): void;
  /** Tells once, with no life of its own: a report. */
  report(notice: Notice, receivers: readonly string[]): void;
  list(): readonly AlertView[];
  acknowledge(key: string, who: string): boolean;
  silence(silence: Omit<SilenceView, "id">): string;
  unsilence(id: string): boolean;
  silences(): readonly SilenceView[];
  /** Deliveries that are still being tried or were given up, newest first. */
  deliveries(): readonly {
    readonly receiver: string;
    readonly alert: string;
    readonly state: "due" | "sent" | "given_up";
    readonly attempts: number;
    readonly lastProblem: string | undefined;
    readonly atMs: number;
  }[];
  close(): Promise<void>;
}

/** What alerts tell others of: recovery plans may be triggered by one. */
export type AlertListener = (
  name: string,
  labels: Readonly<Record<string, string>>,
  subject: SignalSubject,
  state: "firing" | "resolved",
) => void;
