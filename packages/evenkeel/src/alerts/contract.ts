/** Alerts and the telling of them. */
import type { SignalSubject } from "../signals/contract.ts";
import type { AlertSettings, ReceiverSettings, Severity } from "../snapshot/alert-settings.ts";

/** Something to tell, by a rule, a plan or a drill. */
export interface Notice {
  /** Equal ones are one alert: its life begins and ends under this key. */
  readonly key: string;
  readonly alert: string;
  readonly severity: Severity;
  /** Beside `alert` and `severity`, which every alert has; see `noticeLabels`. */
  readonly labels: Readonly<Record<string, string>>;
  readonly summary: string;
  /** More, for who opens it. */
  readonly details: string;
  readonly runbook: string | undefined;
  readonly startedAtMs: number;
}

/** Resolved ones are shown for a while. */
export interface AlertView extends Notice {
  readonly state: "pending" | "firing" | "resolved";
  readonly sinceMs: number;
  /** `silence ID` or `maintenance NAME`. */
  readonly silencedBy: string | undefined;
  readonly acknowledgedBy: string | undefined;
  /** Who is told of it, as routed. */
  readonly receivers: readonly string[];
}

export interface SilenceView {
  readonly id: string;
  readonly match: Readonly<Record<string, string>>;
  readonly untilMs: number;
  readonly by: string;
  readonly comment: string;
}

/** One message to one receiver. */
export interface DeliveryView {
  readonly receiver: string;
  /** What it is about, in one line. */
  readonly alert: string;
  readonly state: "due" | "sent" | "given_up";
  readonly attempts: number;
  /** Never holds a secret. */
  readonly lastProblem: string | undefined;
  /** When it came to this state. */
  readonly atMs: number;
}

/** Plain numbers, for metrics. Totals are since the start of this control. */
export interface AlertFacts {
  readonly firing: Readonly<Record<Severity, number>>;
  readonly pending: number;
  readonly silenced: number;
  readonly acknowledged: number;
  readonly groups: number;
  readonly silences: number;
  /** Alerts that were not taken up because there are too many. */
  readonly dropped: number;
  readonly receivers: readonly {
    readonly name: string;
    readonly kind: ReceiverSettings["kind"];
    readonly waiting: number;
    readonly sent: number;
    readonly retried: number;
    readonly givenUp: number;
  }[];
}

/** What a receiver answered to a test. */
export interface TestOutcome {
  readonly ok: boolean;
  /** One sentence, never with a secret. */
  readonly text: string;
}

export interface Alerts {
  /** The first call also takes up what an Evenkeel before left: alerts that fire, deliveries. */
  apply(settings: AlertSettings): void;
  /** Looks at the rules that are due and sends what is due; call it about once a second. */
  tick(nowMs: number): void;
  /** Begins an alert of somebody else's making, or changes what it says; with `receivers`, these and
   * no others are told. They are names, or `escalate_to_KIND` and `notify_KIND` for all of a kind;
   * where none of them exists it is routed as if none were given. */
  fire(notice: Notice, receivers?: readonly string[]): void;
  /** Does nothing where no alert of this key fires. */
  resolve(key: string, summary?: string): void;
  /** Tells once, with no life of its own: a report. Without receivers nobody is told. */
  report(notice: Notice, receivers: readonly string[]): void;
  /** Firing first, then pending, then resolved; within these the worst and oldest first. */
  list(): readonly AlertView[];
  /** No repeats until it resolves. False where no alert of this key fires. */
  acknowledge(key: string, who: string): boolean;
  /** The id; undefined where there are too many. */
  silence(silence: Omit<SilenceView, "id">): string | undefined;
  unsilence(id: string): boolean;
  silences(): readonly SilenceView[];
  /** Deliveries that are still being tried and the last that were sent or given up, newest first. */
  deliveries(): readonly DeliveryView[];
  /** Sends a test notice now, past all queues. Undefined where there is no such receiver. */
  test(receiver: string): Promise<TestOutcome> | undefined;
  facts(): AlertFacts;
  /** Ends what is under way; what was not confirmed is sent by the next one. */
  close(): Promise<void>;
}

/** What alerts tell others of: recovery plans may be triggered by one. Only alerts of rules are told,
 * silenced ones as well; those that fire at a start are told again. */
export type AlertListener = (
  name: string,
  labels: Readonly<Record<string, string>>,
  subject: SignalSubject,
  state: "firing" | "resolved",
) => void;
