/** Alert rules, routes and receivers as alerting gets them. */
import type { Expression } from "../../expression/expression.ts";
import type {
  AlertRouteSettings,
  AlertRuleSettings,
  AlertSettings,
  MaintenanceSettings,
  ReceiverSettings,
} from "../../snapshot/alert-settings.ts";
import type { Config } from "../config.ts";
import { receiverWords, type ReceiverConfig } from "../schema/alert-receivers.ts";
import type { AlertRouteConfig, AlertRuleConfig, MaintenanceConfig } from "../schema/alerts.ts";
import type { ReceiverSecrets } from "../secret-files.ts";

const DEFAULT_INTERVAL_MS = 15_000;

/** In configuration order; behind the routes that are written stand those that always hold. */
export function toAlerts({ alerts, receiverSecrets }: Config): AlertSettings {
  const receivers = Object.entries(alerts.receivers).flatMap(([name, receiver]) =>
    toReceiver(name, receiver, receiverSecrets[name] ?? {}),
  );
  return {
    rules: Object.entries(alerts.rules).map(([name, rule]) => toRule(name, rule)),
    receivers,
    routes: [...alerts.routes.map(toRoute), ...usualRoutes(receivers)],
    maintenance: alerts.maintenance.map(toMaintenance),
  };
}

function toRule(name: string, rule: AlertRuleConfig): AlertRuleSettings {
  return {
    name,
    condition: rule.when,
    severity: rule.severity,
    intervalMs: rule.interval ?? usualInterval(shortestCount(rule.when.expression)),
    keepFiringMs: rule.keep_firing,
    summary:
      rule.summary ??
      `${name} {{upstream}} {{endpoint}} {{route}} {{process}} {{instance}}: {{explanation}}`,
    runbook: rule.runbook,
    labels: rule.labels,
  };
}

/** At most 15 s, and so that a look falls on every one that the condition counts. */
function usualInterval(countedMs: number | undefined): number {
  if (countedMs === undefined) return DEFAULT_INTERVAL_MS;
  return Math.round(countedMs / Math.ceil(countedMs / DEFAULT_INTERVAL_MS));
}

/** `3 x 15s` is counted by looks: there must be one every 15 s. Undefined where nothing is counted. */
export function shortestCount(expression: Expression): number | undefined {
  if (expression.kind === "comparison") return undefined;
  const parts = expression.kind === "lasting" ? [expression.of] : expression.parts;
  const own =
    expression.kind === "lasting" && expression.times !== undefined ? [expression.forMs] : [];
  const all = [...own, ...parts.map(shortestCount)].filter((ms) => ms !== undefined);
  return all.length > 0 ? Math.min(...all) : undefined;
}

function toRoute(route: AlertRouteConfig): AlertRouteSettings {
  const urgent = route.match["severity"] === "P0";
  return {
    match: route.match,
    receivers: route.receivers,
    groupBy: route.group_by,
    groupWaitMs: route.group_wait ?? (urgent ? 0 : 30_000),
    groupIntervalMs: route.group_interval,
    repeatMs: route.repeat,
  };
}

/** P0 at once and each by itself, P1 in groups to who is not paged by it, P2 to nobody. */
function usualRoutes(receivers: readonly ReceiverSettings[]): AlertRouteSettings[] {
  const all = receivers.map(({ name }) => name);
  const quiet = receivers.filter(({ word }) => word !== "pagerduty" && word !== "sms");
  const names = quiet.map(({ name }) => name);
  const minuteMs = 60_000;
  return [
    {
      match: { severity: "P0" },
      receivers: all,
      groupBy: undefined,
      groupWaitMs: 0,
      groupIntervalMs: minuteMs / 2,
      repeatMs: 60 * minuteMs,
    },
    {
      match: { severity: "P1" },
      receivers: names.length > 0 ? names : all,
      groupBy: ["alert"],
      groupWaitMs: minuteMs / 2,
      groupIntervalMs: 5 * minuteMs,
      repeatMs: 240 * minuteMs,
    },
    {
      match: {},
      receivers: [],
      groupBy: [],
      groupWaitMs: minuteMs / 2,
      groupIntervalMs: 5 * minuteMs,
      repeatMs: 240 * minuteMs,
    },
  ];
}

function toMaintenance(window: MaintenanceConfig): MaintenanceSettings {
  const { name, match, cron, timezone = "UTC", duration = 0, from = 0, to = 0 } = window;
  return {
    name,
    match,
    window:
      cron === undefined ? { fromMs: from, toMs: to } : { cron, timezone, durationMs: duration },
  };
}

function toReceiver(
  name: string,
  receiver: ReceiverConfig,
  secrets: ReceiverSecrets,
): ReceiverSettings[] {
  const word = receiverWords.find((kind) => receiver[kind] !== undefined);
  if (word === undefined) return [];
  const common = { name, word, sendResolved: receiver.send_resolved ?? word !== "sms" };
  const { pagerduty, slack, email, alertmanager } = receiver;
  if (pagerduty) {
    const routingKey = secrets.routingKey ?? "";
    return [{ ...common, kind: "pagerduty", routingKey, url: pagerduty.url }];
  }
  if (slack) {
    return [{ ...common, kind: "slack", url: secrets.url ?? "", channel: slack.channel }];
  }
  if (email) {
    const { from, to, host, port, user } = email;
    const tls = email.tls ?? (port === 465 ? "implicit" : "starttls");
    const { password } = secrets;
    return [{ ...common, kind: "email", from, to, host, port, tls, user, password }];
  }
  if (alertmanager) return [{ ...common, kind: "alertmanager", url: alertmanager.url }];
  return [{ ...common, ...toWebhook(receiver, secrets) }];
}

function toWebhook(
  { webhook, sms }: ReceiverConfig,
  secrets: ReceiverSecrets,
): Omit<Extract<ReceiverSettings, { kind: "webhook" }>, "name" | "word" | "sendResolved"> {
  const { method, headers, body, content_type, user } = (webhook ?? sms)!;
  const { url = "", password, token } = secrets;
  const basic = Buffer.from(`${user ?? ""}:${password ?? ""}`).toString("base64");
  const authorization =
    user !== undefined ? `Basic ${basic}` : token === undefined ? undefined : `Bearer ${token}`;
  return {
    kind: "webhook",
    url,
    method,
    headers: { ...headers, ...(authorization !== undefined && { authorization }) },
    body,
    contentType: content_type,
  };
}
