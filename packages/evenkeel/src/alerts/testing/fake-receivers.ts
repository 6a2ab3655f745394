/** Receivers that look at what they get as closely as the real ones say they do. */
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export interface Got {
  readonly path: string;
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface FakeReceiver {
  readonly url: string;
  readonly got: Got[];
  /** The answers to the next requests; then all is well again. `0` hangs. */
  readonly answers: { readonly status: number; readonly headers?: Record<string, string> }[];
  close(): Promise<void>;
}

/** Listens on 127.0.0.1. `judge` says what is wrong with a request; undefined where it is fine. */
export async function startReceiver(
  judge: (got: Got) => string | undefined,
  fine: { readonly status: number; readonly body: string },
): Promise<FakeReceiver> {
  const got: Got[] = [];
  const answers: FakeReceiver["answers"] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => void (body += text));
    request.on("end", () => {
      const { url = "", method = "", headers } = request;
      const one = { path: url, method, headers, body };
      got.push(one);
      const answer = answers.shift();
      if (answer?.status === 0) return;
      if (answer) {
        response.writeHead(answer.status, answer.headers);
        response.end("come back later");
        return;
      }
      const wrong = judge(one);
      response.writeHead(wrong === undefined ? fine.status : 400);
      response.end(wrong ?? fine.body);
    });
  });
  await listen(server);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    got,
    answers,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
}

type Json = Readonly<Record<string, unknown>>;

function parse(body: string): Json | undefined {
  try {
    return JSON.parse(body) as Json;
  } catch {
    return undefined;
  }
}

const isText = (value: unknown, most: number): boolean =>
  typeof value === "string" && value.length > 0 && value.length <= most;

/** The rules of PagerDuty's Events API v2. */
export function judgePagerDuty({ path, body, headers }: Got): string | undefined {
  const event = parse(body);
  if (!event || headers["content-type"] !== "application/json") return "not JSON";
  if (!/^[A-Za-z0-9]{32}$/.test(String(event["routing_key"]))) return "invalid routing key";
  const payload = event["payload"] as Json | undefined;
  if (path === "/v2/change/enqueue") {
    return payload && isText(payload["summary"], 1024) ? undefined : "payload.summary";
  }
  if (path !== "/v2/enqueue") return "no such path";
  const action = String(event["event_action"]);
  if (!["trigger", "acknowledge", "resolve"].includes(action)) return "event_action";
  if (!isText(event["dedup_key"], 255)) return "dedup_key";
  if (action !== "trigger") return undefined;
  if (!payload || !isText(payload["summary"], 1024)) return "payload.summary";
  if (!isText(payload["source"], 1024)) return "payload.source";
  const severities = ["critical", "error", "warning", "info"];
  if (!severities.includes(String(payload["severity"]))) return "payload.severity";
  const time = String(payload["timestamp"]);
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(time)) return "payload.timestamp";
  return undefined;
}

/** The limits of Slack's messages. */
export function judgeSlack({ body, headers }: Got): string | undefined {
  const message = parse(body);
  if (!message || headers["content-type"] !== "application/json") return "invalid_payload";
  if (!isText(message["text"], 40_000)) return "no_text";
  const blocks = message["blocks"] as readonly Json[];
  if (blocks.length > 50 || body.length > 13_000) return "invalid_blocks";
  for (const block of blocks) {
    const text = block["text"] as Json | undefined;
    if (
      block["type"] === "header" &&
      !(text?.["type"] === "plain_text" && isText(text["text"], 150))
    )
      return "invalid_blocks: header";
    if (block["type"] === "section" && !(text?.["type"] === "mrkdwn" && isText(text["text"], 3000)))
      return "invalid_blocks: section";
  }
  return undefined;
}

/** The shape of Alertmanager's webhooks, version 4. */
export function judgeWebhookV4({ body }: Got): string | undefined {
  const message = parse(body);
  if (message?.["version"] !== "4") return "version";
  const alerts = message["alerts"] as readonly Json[];
  if (!Array.isArray(alerts) || alerts.length === 0) return "alerts";
  for (const key of ["groupKey", "receiver", "externalURL"]) {
    if (typeof message[key] !== "string") return key;
  }
  for (const key of ["groupLabels", "commonLabels", "commonAnnotations"]) {
    if (typeof message[key] !== "object") return key;
  }
  for (const alert of alerts) {
    if (!["firing", "resolved"].includes(String(alert["status"]))) return "status";
    if (!/^[0-9a-f]{16}$/.test(String(alert["fingerprint"]))) return "fingerprint";
    if (Number.isNaN(Date.parse(String(alert["startsAt"])))) return "startsAt";
    if (typeof (alert["labels"] as Json)["alertname"] !== "string") return "alertname";
  }
  return undefined;
}
