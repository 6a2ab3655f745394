/** Alert rules and who is told, as the configuration asks for them. */
import type { Condition } from "../expression/expression.ts";

/** P0 pages a person at once, P1 makes a ticket, P2 is recorded. */
export type Severity = "P0" | "P1" | "P2";

export interface AlertRuleSettings {
  readonly name: string;
  readonly condition: Condition;
  readonly severity: Severity;
  /** How often it is looked at. */
  readonly intervalMs: number;
  /** Goes on firing so long after the condition ended. */
  readonly keepFiringMs: number;
  /** May use `{{value}}`, `{{upstream}}`, `{{endpoint}}`, `{{process}}`, `{{instance}}`, `{{route}}`. */
  readonly summary: string;
  readonly runbook: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
}

/** Labels that alerts may have beside those of rules: `plan`, `drill`, `object` and `incident` are of
 * what plans and drills tell, the others say what a signal is of. */
export const noticeLabels = [
  "upstream",
  "endpoint",
  "route",
  "process",
  "instance",
  "plan",
  "drill",
  "object",
  "incident",
] as const;

export interface AlertSettings {
  readonly rules: readonly AlertRuleSettings[];
  readonly receivers: readonly ReceiverSettings[];
  /** First match; the last one matches everything. Without receivers nobody is told. */
  readonly routes: readonly AlertRouteSettings[];
  /** Times in which nothing is sent for what matches. */
  readonly maintenance: readonly MaintenanceSettings[];
}

export interface AlertRouteSettings {
  /** Equal labels (`severity` and `alert` are among them); empty matches everything. */
  readonly match: Readonly<Record<string, string>>;
  readonly receivers: readonly string[];
  /** Alerts with equal values of these are told together; undefined tells each by itself. */
  readonly groupBy: readonly string[] | undefined;
  readonly groupWaitMs: number;
  readonly groupIntervalMs: number;
  readonly repeatMs: number;
}

export interface MaintenanceSettings {
  readonly name: string;
  readonly match: Readonly<Record<string, string>>;
  /** A cron expression in `timezone`, and how long it lasts; or one span in time. */
  readonly window:
    | { readonly cron: string; readonly timezone: string; readonly durationMs: number }
    | { readonly fromMs: number; readonly toMs: number };
}

export type ReceiverWord = "pagerduty" | "slack" | "email" | "webhook" | "sms" | "alertmanager";

/** Secrets are read from files or the environment by the configuration. Never log one. */
export type ReceiverSettings = {
  readonly name: string;
  readonly sendResolved: boolean;
  /** The word it was written with: its kind, or `sms`. */
  readonly word: ReceiverWord;
} & (
  | { readonly kind: "pagerduty"; readonly routingKey: string; readonly url: string }
  | { readonly kind: "slack"; readonly url: string; readonly channel: string | undefined }
  | {
      readonly kind: "email";
      readonly from: string;
      readonly to: readonly string[];
      readonly host: string;
      readonly port: number;
      readonly tls: "off" | "starttls" | "implicit";
      readonly user: string | undefined;
      readonly password: string | undefined;
    }
  /** SMS gateways and all else: `body` is a template; see docs. */
  | {
      readonly kind: "webhook";
      readonly url: string;
      readonly method: "POST" | "PUT" | "GET";
      readonly headers: Readonly<Record<string, string>>;
      /** Undefined posts Alertmanager's webhook JSON (version 4). */
      readonly body: string | undefined;
      readonly contentType: string;
    }
  | { readonly kind: "alertmanager"; readonly url: string }
);
