/** Alerts against the real Alertmanager, and over a whole Evenkeel that is killed. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { test, type TestContext } from "node:test";

import { createAlerts } from "../../packages/evenkeel/src/alerts/create-alerts.ts";
import type { Alerts } from "../../packages/evenkeel/src/alerts/contract.ts";
import { waysOf } from "../../packages/evenkeel/src/alerts/routing.ts";
import { systemTimers } from "../../packages/evenkeel/src/health/clock.ts";
import { createSend } from "../../packages/evenkeel/src/alerts/send/create-send.ts";
import {
  judgePagerDuty,
  judgeWebhookV4,
  startReceiver,
  type FakeReceiver,
} from "../../packages/evenkeel/src/alerts/testing/fake-receivers.ts";
import {
  notice,
  route,
  settingsOf,
} from "../../packages/evenkeel/src/alerts/testing/alert-world.ts";
import { openForTest } from "../../packages/evenkeel/src/history/testing/open-for-test.ts";
import type {
  AlertSettings,
  ReceiverSettings,
} from "../../packages/evenkeel/src/snapshot/alert-settings.ts";
import { startEvenkeel } from "../support/evenkeel.ts";
import { waitFor } from "../support/wait-for.ts";
import { Alertmanager, amtoolRoute, hasAlertmanager, type Posted } from "./testing/alertmanager.ts";

const real = hasAlertmanager();

function needs(t: TestContext): boolean {
  if (!real) t.diagnostic("Alertmanager is not installed: there is nothing to compare with");
  return real;
}

/** Alerting over real time and real connections, looked at every 20 ms. */
function startAlerts(settings: AlertSettings): Alerts & AsyncDisposable {
  const { memory } = openForTest();
  const log = { info() {}, warn() {}, error() {} };
  const alerts = createAlerts({
    reader: { read: () => [] },
    watch: () => ({ look: () => [], clear() {} }),
    memory,
    log,
    nowMs: Date.now,
    timers: systemTimers,
    random: Math.random,
    newId: randomUUID,
    send: createSend({ source: "test" }),
    onFiring() {},
  });
  alerts.apply(settings);
  const timer = setInterval(() => alerts.tick(Date.now()), 20);
  return Object.assign(alerts, {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await alerts.close();
    },
  });
}

function hookTo(url: string, name = "hook"): ReceiverSettings {
  const hook = {
    method: "POST",
    headers: {},
    body: undefined,
    contentType: "application/json",
  } as const;
  return { name, word: "webhook", kind: "webhook", sendResolved: true, url, ...hook };
}

test("an Alertmanager takes our alerts, tells of them in its own words, and hears the end", async (t) => {
  if (!needs(t)) return;
  await using am = await Alertmanager.start({ waitMs: 100, intervalMs: 300, repeatMs: 60_000 });
  await using ours = startAlerts(
    settingsOf({
      receivers: [
        {
          name: "am",
          word: "alertmanager",
          kind: "alertmanager",
          sendResolved: true,
          url: `${am.url}/`,
        },
      ],
      routes: [route(["am"])],
    }),
  );
  const startedAtMs = Date.now();
  ours.fire(
    notice("errors", {
      severity: "P0",
      labels: { upstream: "api" },
      summary: "5 % errors",
      details: "more",
      runbook: "https://wiki/x",
      startedAtMs,
    }),
  );
  await waitFor("the webhook", () => am.posted().length === 1);
  const [posted] = am.posted();
  const labels = { alertname: "errors", severity: "P0", upstream: "api" };
  assert.deepEqual(await am.active(), [labels]);
  assert.equal(am.hook.got[0] && judgeWebhookV4(am.hook.got[0]), undefined);
  assert.deepEqual(posted?.alerts[0]?.labels, labels);
  assert.deepEqual(posted.alerts[0].annotations, {
    summary: "5 % errors",
    description: "more",
    runbook_url: "https://wiki/x",
  });
  assert.deepEqual(
    ours.deliveries().map(({ state }) => state),
    ["sent"],
  );
  ours.resolve("errors");
  await waitFor("the end", () => am.posted().at(-1)?.status === "resolved", { withinMs: 10_000 });
  assert.deepEqual(await am.active(), []);
});

test("our webhook posts what the real one posts", async (t) => {
  if (!needs(t)) return;
  await using am = await Alertmanager.start({ waitMs: 50, intervalMs: 300, repeatMs: 60_000 });
  const hook = await startReceiver(judgeWebhookV4, { status: 200, body: "" });
  await using stack = new AsyncDisposableStack();
  stack.defer(() => hook.close());
  const ours = stack.use(
    startAlerts(
      settingsOf({
        receivers: [hookTo(hook.url)],
        routes: [route(["hook"], { groupWaitMs: 0, groupBy: ["upstream"] })],
      }),
    ),
  );
  ours.fire(notice("errors", { labels: { upstream: "api" } }));
  await am.set({ alertname: "errors", upstream: "api", severity: "P1" }, true);
  await waitFor("both", () => am.posted().length === 1 && hook.got.length === 1);
  const theirs = JSON.parse(am.hook.got[0]!.body) as Record<string, unknown>;
  const mine = JSON.parse(hook.got[0]!.body) as Record<string, unknown>;
  assert.deepEqual(Object.keys(mine).toSorted(), Object.keys(theirs).toSorted());
  for (const key of [
    "version",
    "status",
    "groupKey",
    "groupLabels",
    "commonLabels",
    "truncatedAlerts",
  ]) {
    assert.deepEqual(mine[key], theirs[key], key);
  }
  const [ofTheirs] = theirs["alerts"] as Record<string, unknown>[];
  const [ofMine] = mine["alerts"] as Record<string, unknown>[];
  assert.deepEqual(Object.keys(ofMine!).toSorted(), Object.keys(ofTheirs!).toSorted());
  for (const key of ["status", "labels", "fingerprint"])
    assert.deepEqual(ofMine![key], ofTheirs![key], key);
});

/** `firing: a b !c`, one for each message; `!` has ended. */
function story(messages: readonly Posted[]): string[] {
  return messages.map(({ status, groupLabels, alerts }) => {
    const names = alerts.map(
      ({ labels, status }) => (status === "firing" ? "" : "!") + labels["alertname"]!,
    );
    return `${groupLabels["upstream"] ?? ""} ${status}: ${names.toSorted().join(" ")}`;
  });
}

test("alerts are grouped, repeated and ended as the real one does it", async (t) => {
  if (!needs(t)) return;
  const times = { waitMs: 400, intervalMs: 1000, repeatMs: 1500 };
  await using am = await Alertmanager.start(times);
  const hook = await startReceiver(judgeWebhookV4, { status: 200, body: "" });
  await using stack = new AsyncDisposableStack();
  stack.defer(() => hook.close());
  const groups = {
    groupBy: ["upstream"],
    groupWaitMs: times.waitMs,
    groupIntervalMs: times.intervalMs,
    repeatMs: times.repeatMs,
  };
  const ours = stack.use(
    startAlerts(settingsOf({ receivers: [hookTo(hook.url)], routes: [route(["hook"], groups)] })),
  );
  const set = async (alert: string, upstream: string, firing: boolean): Promise<void> => {
    if (firing) ours.fire(notice(alert, { labels: { upstream } }));
    else ours.resolve(alert);
    await am.set({ alertname: alert, upstream, severity: "P1" }, firing);
  };
  await set("a", "api", true);
  await set("x", "web", true);
  await pause(100);
  await set("b", "api", true);
  // Told at 400: a b, x.
  await pause(800);
  await set("c", "api", true);
  // At 1400: a b c.
  await pause(1000);
  await set("a", "api", false);
  await set("x", "web", false);
  // At 2400: b c !a, !x. Then b and c again, at 4400: 1500 after 2400, at a tick.
  await pause(2200);
  await set("b", "api", false);
  await set("c", "api", false);
  // At 4400 or 5400: !b !c.
  const isOver = (messages: readonly Posted[]): boolean =>
    story(messages).some((line) => line.startsWith("api resolved"));
  const mine = (): Posted[] => hook.got.map(({ body }) => JSON.parse(body) as Posted);
  await waitFor("both ends", () => isOver(mine()) && isOver(am.posted()), { withinMs: 8000 });
  for (const upstream of ["api", "web"]) {
    const only = (messages: readonly Posted[]): string[] =>
      story(messages).filter((line) => line.startsWith(upstream));
    assert.deepEqual(only(mine()), only(am.posted()));
  }
  t.diagnostic(story(am.posted()).join(" | "));
});

test("routes choose as amtool says", (t) => {
  if (!needs(t)) return;
  const routes = [
    { match: { severity: "P0", upstream: "api" }, name: "pager" },
    { match: { upstream: "api" }, name: "api-team" },
    { match: { severity: "P1", team: "" }, name: "unowned" },
    { match: { severity: "P0" }, name: "everybody" },
  ];
  const receivers = ["nobody", ...routes.map(({ name }) => name)].map((name) =>
    hookTo("http://h", name),
  );
  const settings = {
    receivers,
    routes: [...routes.map(({ match, name }) => route([name], { match })), route(["nobody"])],
  };
  for (const severity of ["P0", "P1", "P2"]) {
    for (const more of [
      {},
      { upstream: "api" },
      { upstream: "web" },
      { team: "shop" },
      { team: "shop", upstream: "api" },
    ]) {
      const labels = { severity, ...more };
      const ours = waysOf(labels, undefined, settings).flatMap((way) => way.receivers);
      assert.deepEqual(ours, [amtoolRoute(routes, labels)], JSON.stringify(labels));
    }
  }
});

test("a page outlives kill -9: it is sent by the next Evenkeel, once", async () => {
  const dir = mkdtempSync(join(tmpdir(), "evenkeel-alerts-"));
  const pagerDuty: FakeReceiver = await startReceiver(judgePagerDuty, { status: 202, body: "{}" });
  await using stack = new AsyncDisposableStack();
  stack.defer(() => {
    rmSync(dir, { recursive: true, force: true });
    return pagerDuty.close();
  });
  const key = "0123456789abcdef0123456789abcdef";
  const config = {
    state_dir: dir,
    listeners: { web: "127.0.0.1:{{port:web}}" },
    routes: [{ upstream: "api" }],
    // Nobody listens there.
    upstreams: {
      api: {
        endpoints: ["127.0.0.1:1"],
        panic_threshold: "off",
        health_check: { protocol: "tcp", interval: "200ms" },
      },
    },
    alerts: {
      rules: {
        down: {
          when: "available(upstream=api) < 1",
          severity: "P0",
          interval: "200ms",
          summary: "{{upstream}} is down",
        },
      },
      receivers: {
        pager: { pagerduty: { routing_key_file: "pd.key", url: `${pagerDuty.url}/v2/enqueue` } },
      },
    },
    workers: 1,
  };
  for (let at = 0; at < 100; at++) pagerDuty.answers.push({ status: 503 });
  const files = { "pd.key": key };
  const first = stack.use(await startEvenkeel({ config, files, waitReady: false }));
  await waitFor("a try", () => pagerDuty.got.length >= 1, { withinMs: 15_000 });
  assert.ok(!first.log.includes(key));
  first.signal("SIGKILL");
  await first.exited;
  pagerDuty.answers.splice(0);
  const tries = pagerDuty.got.length;
  const second = stack.use(await startEvenkeel({ config, files, waitReady: false }));
  await waitFor("the page", () => pagerDuty.got.length > tries, { withinMs: 15_000 });
  await waitFor("its confirmation", () => second.log.includes("pager was told"));
  await pause(2500);
  const events = pagerDuty.got
    .slice(tries)
    .map(({ body }) => JSON.parse(body) as Record<string, unknown>);
  assert.deepEqual(
    events.map((event) => event["event_action"]),
    ["trigger"],
  );
  const all = pagerDuty.got.map(
    ({ body }) => (JSON.parse(body) as Record<string, unknown>)["dedup_key"],
  );
  assert.equal(new Set(all).size, 1);
  assert.ok(!second.log.includes(key));
});
