/** What can be asked of recovery plans. */
import type { Deed, Recovery } from "../recovery/contract.ts";
import type { SignalSubject } from "../signals/contract.ts";
import { json, problem, type Answer } from "./answer.ts";
import type { Asked, Operation } from "./operations.ts";
import { plansDocument } from "./plan-document.ts";
import { textIn, whoAsks } from "./who-asks.ts";

/** Alertmanager sends groups of many alerts at once. */
const WEBHOOK_BYTES = 1024 * 1024;
const MOST_ALERTS = 1000;

/** The operations over these plans. */
export function planOperations(recovery: Recovery): readonly Operation[] {
  const change = (path: string, run: Operation["run"]): Operation => ({
    method: "POST",
    path,
    changes: true,
    run,
  });
  return [
    {
      method: "GET",
      path: "/plans",
      changes: false,
      run: () => json(200, plansDocument(recovery)),
    },
    change("/plans/freeze", ({ body }) => {
      recovery.freeze(whoAsks(body), textIn(body, "reason") ?? "no reason was given");
      return json(200, plansDocument(recovery));
    }),
    change("/plans/thaw", ({ body }) => {
      recovery.thaw(whoAsks(body));
      return json(200, plansDocument(recovery));
    }),
    change("/plans/*/run", (asked) => runPlan(recovery, asked)),
    change("/plans/runs/*/answer", (asked) => answerRun(recovery, asked)),
    {
      ...change("/alerts/webhook", ({ body }) => takeAlerts(recovery, body)),
      bodyBytes: WEBHOOK_BYTES,
    },
  ];
}

function runPlan(recovery: Recovery, { parameters, body }: Asked): Answer {
  const [name = ""] = parameters;
  const names = recovery.plans().map((plan) => plan.name);
  if (!names.includes(name)) {
    return problem(404, `There is no plan "${name}"; there is: ${names.join(", ") || "none"}.`);
  }
  const object = textIn(body, "object");
  if (object === undefined) return problem(400, 'The body must be {"object": "NAME"}.');
  return answerOf(recovery, recovery.trigger(name, object, whoAsks(body)));
}

function answerRun(recovery: Recovery, { parameters, body }: Asked): Answer {
  const [run = ""] = parameters;
  const answer = textIn(body, "answer");
  if (answer !== "go" && answer !== "stop") {
    return problem(400, 'The body must be {"answer": "go"} or {"answer": "stop"}.');
  }
  return answerOf(recovery, recovery.answer(run, answer, whoAsks(body)));
}

function answerOf(recovery: Recovery, deed: Deed): Answer {
  return deed.ok ? json(200, plansDocument(recovery)) : problem(409, `${capital(deed.problem)}.`);
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Alertmanager's webhook, version 4. What it does not name as firing or resolved is passed over. */
function takeAlerts(recovery: Recovery, body: unknown): Answer {
  const alerts = isRecord(body) ? body["alerts"] : undefined;
  if (!Array.isArray(alerts)) {
    return problem(400, "The body must be what Alertmanager posts to webhooks (version 4).");
  }
  if (alerts.length > MOST_ALERTS) {
    return problem(413, `There may be ${MOST_ALERTS} alerts at once; set max_alerts there.`);
  }
  let taken = 0;
  for (const alert of alerts as readonly unknown[]) {
    const labels = isRecord(alert) ? labelsOf(alert["labels"]) : {};
    const state = isRecord(alert) ? alert["status"] : undefined;
    const name = labels["alertname"];
    if (name === undefined || (state !== "firing" && state !== "resolved")) continue;
    recovery.alert(name, labels, subjectOf(labels), state);
    taken++;
  }
  return json(200, { taken });
}

function labelsOf(value: unknown): Readonly<Record<string, string>> {
  if (!isRecord(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter(
      (entry): entry is [string, string] => typeof entry[1] === "string",
    ),
  );
}

/** Labels may name what is known here. */
function subjectOf(labels: Readonly<Record<string, string>>): SignalSubject {
  const { upstream, endpoint, route, process, instance } = labels;
  return {
    ...(upstream !== undefined && { upstream }),
    ...(endpoint !== undefined && { endpoint }),
    ...(route !== undefined && { route }),
    ...(process !== undefined && { process }),
    ...(instance !== undefined && { instance }),
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
