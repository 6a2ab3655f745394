/** What can be asked of alerts. */
import type { Alerts, SilenceView } from "../alerts/contract.ts";
import { formatDuration, longestMs, parseDuration } from "../lib/duration.ts";
import { alertDocument, deliveryDocument, silenceDocument } from "./alert-document.ts";
import { json, problem, type Answer } from "./answer.ts";
import type { Asked, Operation } from "./operations.ts";

const MAX_TEXT = 1000;
const MAX_LABELS = 20;

/** The operations over these alerts. */
export function alertOperations(alerts: Alerts, nowMs: () => number): readonly Operation[] {
  const get = (path: string, run: () => unknown): Operation => ({
    method: "GET",
    path,
    changes: false,
    run: () => json(200, run()),
  });
  const post = (path: string, run: Operation["run"]): Operation => ({
    method: "POST",
    path,
    changes: true,
    run,
  });
  return [
    get("/alerts", () => ({ alerts: alerts.list().map(alertDocument) })),
    get("/alerts/deliveries", () => ({ deliveries: alerts.deliveries().map(deliveryDocument) })),
    get("/silences", () => ({ silences: alerts.silences().map(silenceDocument) })),
    post("/alerts/*/ack", (asked) => acknowledge(alerts, asked)),
    post("/silences", ({ body }) => silence(alerts, body, nowMs())),
    post("/silences/*/end", ({ parameters: [id = ""] }) =>
      alerts.unsilence(id)
        ? json(200, { ended: id })
        : problem(404, `There is no silence "${id}".`),
    ),
    post("/receivers/*/test", ({ parameters: [name = ""] }) => tryReceiver(alerts, name)),
  ];
}

function acknowledge(alerts: Alerts, { parameters: [key = ""], body }: Asked): Answer {
  const who = textOf(body, "by") ?? "an operator";
  if (!alerts.acknowledge(key, who)) {
    return problem(
      404,
      `No alert "${key}" fires; "evenkeel alerts" or GET /alerts lists the keys.`,
    );
  }
  const alert = alerts.list().find((view) => view.key === key);
  return json(200, { alert: alert ? alertDocument(alert) : null });
}

/** `{ "match": { "severity": "P1" }, "for": "2h", "by": "ada", "comment": "known" }`. */
function silence(alerts: Alerts, body: unknown, nowMs: number): Answer {
  const match = matchOf(body);
  if (!match) {
    const wrong = `match must be a map of 1 to ${MAX_LABELS} labels to texts, such as {"severity": "P1"}.`;
    return problem(400, wrong);
  }
  const forMs = parseDuration(textOf(body, "for") ?? "") ?? 0;
  if (forMs <= 0) {
    const most = formatDuration(Math.floor(longestMs / 86_400_000) * 86_400_000);
    return problem(400, `for must be a duration such as "2h", up to ${most}.`);
  }
  const asked: Omit<SilenceView, "id"> = {
    match,
    untilMs: nowMs + forMs,
    by: textOf(body, "by") ?? "an operator",
    comment: textOf(body, "comment") ?? "",
  };
  const id = alerts.silence(asked);
  if (id === undefined) return problem(409, "There are too many silences: end some.");
  const quiet = alerts.list().filter(({ silencedBy }) => silencedBy === `silence ${id}`);
  const keys = quiet.map(({ key }) => key);
  return json(201, { silence: silenceDocument({ id, ...asked }), silences_now: keys });
}

function matchOf(body: unknown): Readonly<Record<string, string>> | undefined {
  const match = isRecord(body) ? body["match"] : undefined;
  if (!isRecord(match)) return undefined;
  const entries = Object.entries(match);
  const isFine = entries.every(
    ([, value]) => typeof value === "string" && value.length <= MAX_TEXT,
  );
  if (entries.length === 0 || entries.length > MAX_LABELS || !isFine) return undefined;
  return Object.fromEntries(entries.map(([label, value]) => [label, String(value)]));
}

async function tryReceiver(alerts: Alerts, name: string): Promise<Answer> {
  const outcome = await alerts.test(name);
  if (!outcome) {
    const names = alerts.facts().receivers.map((receiver) => receiver.name);
    const list = names.join(", ") || "none";
    return problem(404, `There is no receiver "${name}"; there is: ${list}.`);
  }
  return json(200, { receiver: name, ...outcome });
}

function textOf(body: unknown, key: string): string | undefined {
  const value = isRecord(body) ? body[key] : undefined;
  return typeof value === "string" && value !== "" ? value.slice(0, MAX_TEXT) : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
