import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import type { ReceiverSettings } from "../../snapshot/alert-settings.ts";
import { BEGIN } from "../testing/alert-world.ts";
import {
  judgePagerDuty,
  judgeSlack,
  judgeWebhookV4,
  startReceiver,
  type FakeReceiver,
} from "../testing/fake-receivers.ts";
import { message, told } from "../testing/messages.ts";
import { createSend } from "./create-send.ts";
import { retryAfter } from "./http-call.ts";
import { dedupKey } from "./pagerduty.ts";

const send = createSend({ source: "lb-1" });
const never = new AbortController().signal;
const key = "0123456789abcdef0123456789abcdef";
const common = { name: "r", sendResolved: true } as const;
const ended = { status: "resolved", endedAtMs: BEGIN + 60_000 } as const;

/** What was posted, as far as tests look into it. */
interface Posted extends Readonly<Record<string, unknown>> {
  readonly payload: { readonly summary: string };
  readonly blocks: readonly {
    readonly text: { readonly text: string };
    readonly elements: readonly { readonly text: string }[];
  }[];
  readonly alerts: readonly { readonly endsAt: string }[];
}

const json = (fake: FakeReceiver): Posted => JSON.parse(fake.got.at(-1)!.body) as Posted;

describe("PagerDuty", () => {
  let fake: FakeReceiver;
  let receiver: ReceiverSettings;
  before(async () => {
    const accepted = '{"status":"success","message":"Event processed","dedup_key":"x"}';
    fake = await startReceiver(judgePagerDuty, { status: 202, body: accepted });
    receiver = {
      ...common,
      word: "pagerduty",
      kind: "pagerduty",
      routingKey: key,
      url: `${fake.url}/v2/enqueue`,
    };
  });
  beforeEach(() => void fake.got.splice(0));
  after(() => fake.close());

  test("gets a trigger with all it asks for", async () => {
    const alert = told("errors", {
      severity: "P0",
      labels: { upstream: "api", endpoint: "h:1" },
      details: "more",
      runbook: "https://wiki/x",
    });
    const outcome = await send(receiver, message([alert]), never);
    assert.equal(outcome.kind, "sent");
    assert.match(outcome.text, /^it answered 202/);
    assert.deepEqual(json(fake), {
      routing_key: key,
      event_action: "trigger",
      dedup_key: 'evenkeel/{severity="P0"}:{}',
      payload: {
        summary: "[FIRING] P0 errors is wrong",
        source: "lb-1",
        severity: "critical",
        timestamp: "2027-03-01T10:15:00.000Z",
        component: "h:1",
        group: "api",
        class: "errors",
        custom_details: {
          alerts: ["P0 errors is wrong"],
          count: 1,
          details: "more",
          labels: { upstream: "api", endpoint: "h:1", alert: "errors", severity: "P0" },
        },
      },
      client: "Evenkeel",
      links: [{ href: "https://wiki/x", text: "Runbook" }],
    });
  });

  test("hears of acknowledgement and end under the same key", async () => {
    await send(receiver, message([told("a")]), never);
    await send(receiver, message([told("a")], { kind: "acknowledged" }), never);
    await send(receiver, message([told("a", ended)]), never);
    const events = fake.got.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
    assert.deepEqual(
      events.map((event) => event["event_action"]),
      ["trigger", "acknowledge", "resolve"],
    );
    assert.equal(new Set(events.map((event) => event["dedup_key"])).size, 1);
  });

  test("takes the longest texts there can be", async () => {
    const alerts = Array.from({ length: 50 }, (_, at) =>
      told(`a${at}`, { summary: "😀".repeat(500), details: "y".repeat(8000) }),
    );
    const outcome = await send(receiver, message(alerts, { groupKey: "k".repeat(5000) }), never);
    assert.equal(outcome.kind, "sent", outcome.text);
    assert.equal((await send(receiver, message([alerts[0]!]), never)).kind, "sent");
    assert.ok(json(fake).payload.summary.isWellFormed());
  });

  test("a report pages nobody, unless it is as urgent as a page", async () => {
    await send(receiver, message([told("healed", { severity: "P2" })], { kind: "report" }), never);
    assert.equal(fake.got[0]?.path, "/v2/change/enqueue");
    await send(receiver, message([told("lost", { severity: "P0" })], { kind: "report" }), never);
    assert.equal(fake.got[1]?.path, "/v2/enqueue");
  });

  test("a test opens an incident and closes it", async () => {
    await send(receiver, message([told("test")], { kind: "test" }), never);
    assert.deepEqual(
      fake.got.map(({ body }) => (JSON.parse(body) as Record<string, unknown>)["event_action"]),
      ["trigger", "resolve"],
    );
  });

  for (const [status, kind] of [
    [429, "failed"],
    [500, "failed"],
    [503, "failed"],
    [400, "refused"],
    [403, "refused"],
    [302, "refused"],
  ] as const) {
    test(`${status} means ${kind}`, async () => {
      fake.answers.push({
        status,
        headers: { "retry-after": "30", location: "http://127.0.0.1:1/" },
      });
      const outcome = await send(receiver, message([told("a")]), never);
      assert.equal(outcome.kind, kind);
      if (outcome.kind === "failed") assert.equal(outcome.notBeforeMs, 30_000);
    });
  }

  test("keys that are too long stay apart", () => {
    const keys = ["x", "y"].map((end) => dedupKey("k".repeat(300) + end));
    assert.deepEqual(
      keys.map(({ length }) => length),
      [255, 255],
    );
    assert.notEqual(keys[0], keys[1]);
  });
});

describe("Slack", () => {
  let fake: FakeReceiver;
  let receiver: ReceiverSettings;
  before(async () => {
    fake = await startReceiver(judgeSlack, { status: 200, body: "ok" });
    receiver = {
      ...common,
      word: "slack",
      kind: "slack",
      url: `${fake.url}/services/T/B/secret`,
      channel: "#ops",
    };
  });
  after(() => fake.close());

  test("gets a text and blocks", async () => {
    const alert = told("errors", { summary: "<!channel> & <b>", runbook: "https://wiki/x" });
    const outcome = await send(receiver, message([alert]), never);
    assert.deepEqual(outcome, { kind: "sent", text: "it answered 200: ok" });
    const { text, channel, blocks } = json(fake);
    assert.equal(channel, "#ops");
    assert.equal(text, "[FIRING] P1 &lt;!channel&gt; &amp; &lt;b&gt;");
    assert.equal(blocks[0]?.text.text, "[FIRING] P1 <!channel> & <b>");
    assert.match(
      blocks[1]!.text.text,
      /^\*P1 &lt;!channel&gt; &amp; &lt;b&gt;\*\nsince <!date\^\d+\^/,
    );
    assert.match(blocks[1]!.text.text, /<https:\/\/wiki\/x\|Runbook>$/);
  });

  test("takes many long ones", async () => {
    const long = {
      summary: "&<>".repeat(333),
      details: '"\n'.repeat(4000),
      runbook: `https://wiki/${"x".repeat(80)}`,
    };
    const alerts = Array.from({ length: 50 }, (_, at) => told(`a${at}`, long));
    const outcome = await send(receiver, message(alerts, { truncated: 10 }), never);
    assert.equal(outcome.kind, "sent", outcome.text);
    assert.equal(json(fake).blocks.at(-1)?.elements[0]?.text, "and 52 more");
  });
});

describe("webhooks", () => {
  let fake: FakeReceiver;
  const hook = (more: object = {}): ReceiverSettings => ({
    ...common,
    word: "webhook",
    kind: "webhook",
    url: `${fake.url}/in`,
    method: "POST",
    headers: { "x-key": "hush-hush" },
    body: undefined,
    contentType: "application/json",
    ...more,
  });
  before(async () => {
    fake = await startReceiver(
      ({ headers }) => (headers["x-plain"] ? "no, hush-hush, no" : undefined),
      { status: 200, body: "" },
    );
  });
  after(() => fake.close());

  test("get Alertmanager's JSON unless told otherwise", async () => {
    const alerts = [
      told("a", { labels: { upstream: "api" } }),
      told("b", { ...ended, labels: { upstream: "api" } }),
    ];
    await send(hook(), message(alerts, { groupLabels: { upstream: "api" }, truncated: 3 }), never);
    assert.equal(judgeWebhookV4(fake.got.at(-1)!), undefined);
    const body = json(fake);
    assert.equal(body["status"], "firing");
    assert.equal(body["truncatedAlerts"], 3);
    assert.deepEqual(body["commonLabels"], { upstream: "api", severity: "P1" });
    assert.deepEqual(
      body.alerts.map((alert) => alert.endsAt),
      ["0001-01-01T00:00:00Z", "2027-03-01T10:16:00.000Z"],
    );
    assert.equal(fake.got.at(-1)?.headers["idempotency-key"], "id-1");
    assert.equal(fake.got.at(-1)?.headers["x-key"], "hush-hush");
  });

  const evil = told("a", {
    summary: 'say "hi" & <bye>\n\\ + 100% =',
    labels: { upstream: "a/b?c" },
  });

  test("JSON templates stay JSON", async () => {
    const body =
      '{"text": "{{summary}}", "to": "{{ labels.upstream }}", "n": {{count}}, "none": "{{labels.x}}"}';
    await send(hook({ body }), message([evil]), never);
    assert.deepEqual(json(fake), {
      text: `[FIRING] P1 ${evil.summary}`,
      to: "a/b?c",
      n: 1,
      none: "",
    });
  });

  test("forms stay forms, as gateways for text messages want them", async () => {
    const body = "To=%2B4912345&From=%2B4999&Body={{summary}}";
    const contentType = "application/x-www-form-urlencoded";
    await send(hook({ body, contentType, word: "sms" }), message([evil]), never);
    const { headers, body: sent } = fake.got.at(-1)!;
    assert.equal(headers["content-type"], contentType);
    const form = new URLSearchParams(sent);
    assert.deepEqual([...form.keys()], ["To", "From", "Body"]);
    assert.equal(form.get("Body"), `[FIRING] P1 ${evil.summary}`);
    assert.equal(form.get("To"), "+4912345");
  });

  test("XML stays XML, and addresses stay addresses", async () => {
    await send(
      hook({ body: "<m>{{summary}}</m>", contentType: "text/xml" }),
      message([evil]),
      never,
    );
    assert.ok(!/<bye>|"hi"/.test(fake.got.at(-1)!.body));
    await send(
      hook({ method: "GET", url: `${fake.url}/send?u={{labels.upstream}}&s={{status}}` }),
      message([evil]),
      never,
    );
    assert.equal(fake.got.at(-1)?.path, "/send?u=a%2Fb%3Fc&s=firing");
    assert.equal(fake.got.at(-1)?.body, "");
  });

  test("no secret is in what is said about them", async () => {
    const receiver = hook({ headers: { "x-key": "hush-hush", "x-plain": "1" } });
    const outcome = await send(receiver, message([evil]), never);
    assert.deepEqual(outcome, { kind: "refused", text: "it answered 400: no, •••, no" });
    const closed = await startReceiver(() => undefined, { status: 200, body: "" });
    await closed.close();
    const gone = await send(
      hook({ url: `${closed.url}/very-secret-path` }),
      message([evil]),
      never,
    );
    assert.deepEqual(gone, {
      kind: "failed",
      text: "nothing listens there (ECONNREFUSED)",
      notBeforeMs: undefined,
    });
  });

  test("the abort ends a call that hangs", async () => {
    fake.answers.push({ status: 0 });
    const abort = new AbortController();
    const sending = send(hook(), message([evil]), abort.signal);
    setImmediate(() => abort.abort());
    assert.equal((await sending).kind, "failed");
  });
});

test("retry-after is seconds or a date", () => {
  assert.equal(retryAfter(null, 0), undefined);
  assert.equal(retryAfter("30", 0), 30_000);
  assert.equal(retryAfter("Thu, 01 Jan 1970 00:01:00 GMT", 10_000), 50_000);
  assert.equal(retryAfter("soon", 0), undefined);
  assert.equal(retryAfter("Thu, 01 Jan 1970 00:00:01 GMT", 10_000), undefined);
});
