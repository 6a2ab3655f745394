/** What alert rules, receivers and routes say together, and with the rest of the file. */
import { nearest } from "../../lib/edit-distance.ts";
import {
  escapingFor,
  fillTemplate,
  templateNames,
  unknownNames,
} from "../../lib/alert-template.ts";
import { noticeLabels } from "../../snapshot/alert-settings.ts";
import { cronProblem } from "../cron.ts";
import { didYouMean } from "../diagnose.ts";
import type { Problem } from "../problem.ts";
import { receiverWords, type ReceiverConfig } from "../schema/alert-receivers.ts";
import type { AlertsConfig, MaintenanceConfig } from "../schema/alerts.ts";
import type { RootConfig } from "../schema/root.ts";
import type { Path, ProblemDetails, Source } from "../source/source.ts";

import { checkCondition } from "./signals.ts";

type Report = (key: Path, rule: string, more?: ProblemDetails) => void;

/** Rules, receivers, routes and maintenance, in this order. */
export function checkAlerts(config: RootConfig, source: Source): Problem[] {
  const { alerts } = config;
  const problems: Problem[] = [];
  const report: Report = (key, rule, more) =>
    problems.push(source.problemAt(["alerts", ...key], rule, more));
  for (const [name, rule] of Object.entries(alerts.rules)) {
    problems.push(...checkCondition(rule.when, ["alerts", "rules", name, "when"], config, source));
    checkRule(name, rule, report);
    if ((rule.interval ?? 0) > LONGEST_INTERVAL_MS) {
      const problem = "is above 1m: what nobody looked at for longer is forgotten";
      report(["rules", name, "interval"], problem, { showGot: true });
    }
  }
  for (const [name, receiver] of Object.entries(alerts.receivers)) {
    checkReceiver(receiver, (key, ...more) => report(["receivers", name, ...key], ...more));
  }
  checkRoutes(alerts, report);
  alerts.maintenance.forEach((window, at) => {
    const path = ["maintenance", at];
    checkMatch(window.match, alerts, (key, ...more) => report([...path, ...key], ...more));
    checkWindow(window, (key, ...more) => report([...path, ...key], ...more));
  });
  return problems;
}

/** Conditions that last forget a run after so long without a look. */
const LONGEST_INTERVAL_MS = 60_000;

const summaryNames: readonly string[] = [
  "value",
  "explanation",
  "upstream",
  "endpoint",
  "route",
  "process",
  "instance",
];

const ownLabels: readonly string[] = ["alert", "alertname", "severity", ...noticeLabels];

function checkRule(
  name: string,
  { summary = "", labels }: AlertsConfig["rules"][string],
  report: Report,
): void {
  for (const [written, word = ""] of summary.matchAll(/\{\{\s*([^{}]*?)\s*\}\}/g)) {
    if (summaryNames.includes(word)) continue;
    const hint = didYouMean(nearest(word, summaryNames));
    report(["rules", name, "summary"], `${written} means nothing here`, { hint });
  }
  for (const label of Object.keys(labels)) {
    if (!ownLabels.includes(label)) continue;
    report(["rules", name, "labels", label], "is a label of Evenkeel's own", { atKey: true });
  }
}

function checkReceiver(receiver: ReceiverConfig, report: Report): void {
  const kinds = receiverWords.filter((kind) => receiver[kind] !== undefined);
  if (kinds.length !== 1) {
    const got = kinds.length === 0 ? "it has none" : `it has ${kinds.join(" and ")}`;
    report([], `must have exactly one of ${receiverWords.join(", ")}; ${got}`, { atKey: true });
  }
  const { pagerduty, slack, email, webhook, sms } = receiver;
  if (pagerduty) needOne(pagerduty, "routing_key", ["pagerduty"], report);
  if (slack) needOne(slack, "url", ["slack"], report);
  if (email) checkLogin(email, ["email"], report);
  if (webhook) checkWebhook(webhook, "webhook", report);
  if (sms) checkWebhook(sms, "sms", report);
}

/** Either the value or its file; both are told when the file is read. */
function needOne(
  keys: Readonly<Record<string, unknown>>,
  key: string,
  path: Path,
  report: Report,
): void {
  if (keys[key] !== undefined || keys[`${key}_file`] !== undefined) return;
  report(path, `needs ${key} or ${key}_file`, { atKey: true });
}

function checkLogin(
  keys: { readonly user?: unknown; readonly password?: unknown; readonly password_file?: unknown },
  path: Path,
  report: Report,
): void {
  if (keys.user !== undefined) needOne(keys, "password", path, report);
  else if (keys.password !== undefined || keys.password_file !== undefined) {
    report(path, "has a password, but no user", { atKey: true });
  }
}

function checkWebhook(
  hook: NonNullable<ReceiverConfig["webhook"]>,
  kind: "webhook" | "sms",
  report: Report,
): void {
  needOne(hook, "url", [kind], report);
  checkLogin(hook, [kind], report);
  const { body, content_type, method, url = "" } = hook;
  if (hook.user !== undefined && (hook.token ?? hook.token_file) !== undefined) {
    report([kind], "has both user and token; only one can be sent", { atKey: true });
  }
  if (kind === "sms" && body === undefined && method !== "GET") {
    report([kind], "needs body", { atKey: true, hint: 'such as "To=%2B49…&Body={{summary}}"' });
  }
  if (body !== undefined && method === "GET") report([kind, "body"], "is not sent with GET");
  for (const [key, text] of [["url", url] as const, ["body", body ?? ""] as const]) {
    for (const word of unknownNames(text)) {
      const hint = didYouMean(nearest(word, templateNames));
      report([kind, key], `{{${word}}} means nothing here`, { hint });
    }
  }
  if (body === undefined || method === "GET" || escapingFor(content_type) !== "json") return;
  const sample = Object.fromEntries(templateNames.map((word) => [word, '1"']));
  if (!isJson(fillTemplate(body, { ...sample, count: "1" }, "json"))) {
    const hint = 'placeholders of texts stand within quotes: {"text": "{{summary}}"}';
    report([kind, "body"], "is not JSON when it is filled in", { hint });
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false; // Just what was asked.
  }
}

function checkRoutes(alerts: AlertsConfig, report: Report): void {
  const receivers = Object.keys(alerts.receivers);
  const seen = new Map<string, number>();
  alerts.routes.forEach(({ match, receivers: named, group_by }, at) => {
    const path = ["routes", at];
    checkMatch(match, alerts, (key, ...more) => report([...path, ...key], ...more));
    named.forEach((name, index) => {
      if (receivers.includes(name)) return;
      const hint = didYouMean(nearest(name, receivers));
      report([...path, "receivers", index], "there is no such receiver", { hint, showGot: true });
    });
    const known = knownLabels(alerts);
    group_by?.forEach((label, index) => {
      if (known.includes(label)) return;
      const hint = didYouMean(nearest(label, known));
      report([...path, "group_by", index], "no alert has such a label", { hint, showGot: true });
    });
    const names = Object.keys(match).toSorted();
    const key = JSON.stringify(names.map((name) => [name, match[name]]));
    const before = seen.get(key);
    if (before !== undefined) report(path, `is never reached: route ${before} matches the same`);
    else seen.set(key, at);
  });
}

function checkMatch(
  match: AlertsConfig["routes"][number]["match"],
  alerts: AlertsConfig,
  report: Report,
): void {
  const known = knownLabels(alerts);
  const severities = ["P0", "P1", "P2"];
  for (const [label, value] of Object.entries(match)) {
    if (!known.includes(label)) {
      const hint = didYouMean(nearest(label, known));
      report(["match", label], "no alert has such a label", { hint, atKey: true });
    } else if (label === "severity" && !severities.includes(value)) {
      const hint = didYouMean(nearest(value, severities));
      report(["match", label], "must be one of P0, P1, P2", { hint, showGot: true });
    }
  }
}

function knownLabels(alerts: AlertsConfig): readonly string[] {
  const own = Object.values(alerts.rules).flatMap(({ labels }) => Object.keys(labels));
  return [...new Set(["alert", "severity", ...noticeLabels, ...own])];
}

function checkWindow(window: MaintenanceConfig, report: Report): void {
  const { cron, timezone, duration, from, to } = window;
  if ((cron === undefined) === (from === undefined)) {
    report([], "needs either cron and duration, or from and to");
    return;
  }
  if (cron === undefined) {
    if (to === undefined) report([], "needs to: when it ends");
    else if (from !== undefined && to <= from) report(["to"], "is not after from");
    if (timezone !== undefined) report(["timezone"], "goes with cron: from and to have their own");
    if (duration !== undefined) report(["duration"], "goes with cron: say to");
    return;
  }
  if (to !== undefined) report(["to"], "goes with from: say duration");
  if (duration === undefined) report([], "needs duration: how long it lasts");
  const problem = cronProblem(cron, timezone ?? "UTC");
  if (problem) report([problem.key], problem.rule, { showGot: true });
}
