/** Messages that stand for themselves: reports, tests, and what is told in another's place. */
import type { ReceiverSettings } from "../snapshot/alert-settings.ts";
import type { Notice } from "./contract.ts";
import { labelsOf } from "./labels.ts";
import type { Message } from "./message.ts";

/** How long an Alertmanager takes it for firing. */
const SHORT_LIFE_MS = 300_000;

function single(
  notice: Notice,
  kind: Message["kind"],
  groupKey: string,
  id: string,
  nowMs: number,
): Message {
  const life = { status: "firing", endedAtMs: undefined, acknowledgedBy: undefined } as const;
  return {
    id,
    kind,
    status: "firing",
    groupKey,
    groupLabels: labelsOf(notice),
    alerts: [{ ...notice, ...life }],
    truncated: 0,
    thread: id,
    first: true,
    atMs: nowMs,
    goodUntilMs: nowMs + SHORT_LIFE_MS,
  };
}

/** Told once. */
export function reportMessage(notice: Notice, id: string, nowMs: number): Message {
  return single(notice, "report", `report ${notice.key}`, id, nowMs);
}

/** For `evenkeel alerts test`. */
export function testMessage(receiver: string, id: string, nowMs: number): Message {
  const notice: Notice = {
    key: `test ${id}`,
    alert: "test",
    severity: "P2",
    labels: {},
    summary: `Test of the receiver ${receiver}: all is well`,
    details: "Somebody asked Evenkeel to try this receiver. Nothing has happened.",
    runbook: undefined,
    startedAtMs: nowMs,
  };
  return single(notice, "test", `test ${id}`, id, nowMs);
}

/** What another receiver is told when one could not be. */
export function insteadMessage(
  message: Message,
  receiver: string,
  problem: string,
  id: string,
  nowMs: number,
): Message {
  const [first] = message.alerts;
  const severity = message.alerts.map((alert) => alert.severity).toSorted()[0] ?? "P1";
  const more = message.alerts.length + message.truncated - 1;
  const notice: Notice = {
    key: `undelivered ${message.id}`,
    alert: "undelivered",
    severity,
    labels: first?.labels ?? {},
    summary: `${receiver} could not be told: ${first?.summary ?? ""}${more > 0 ? ` (and ${more} more)` : ""}`,
    details: [`The last try: ${problem}`, ...message.alerts.map(({ summary }) => summary)].join(
      "\n",
    ),
    runbook: first?.runbook,
    startedAtMs: first?.startedAtMs ?? nowMs,
  };
  return single(notice, "report", `undelivered ${message.groupKey}`.slice(0, 255), id, nowMs);
}

/** The first of the others that works, those that page before the rest where `pages`; one that does
 * not work rather than none. An Alertmanager tells nobody by itself. */
export function chooseStandIn(
  receivers: readonly ReceiverSettings[],
  failed: string,
  pages: boolean,
  isFailing: (name: string) => boolean,
): string | undefined {
  const others = receivers.filter(({ name, kind }) => name !== failed && kind !== "alertmanager");
  const rank = ({ name, word }: ReceiverSettings): number =>
    (isFailing(name) ? 2 : 0) + (pages && word !== "pagerduty" && word !== "sms" ? 1 : 0);
  return others.toSorted((one, other) => rank(one) - rank(other))[0]?.name;
}
