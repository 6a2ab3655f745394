import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  AlertWorld,
  BEGIN,
  notice,
  receiver,
  route,
  settingsOf,
} from "../alerts/testing/alert-world.ts";
import { alertOperations } from "./alert-operations.ts";

const settings = settingsOf({
  receivers: [receiver("hook")],
  routes: [route(["hook"], { groupBy: undefined, groupWaitMs: 0 })],
});

interface Told extends Record<string, unknown> {
  readonly status: number;
}

function start() {
  const world = new AlertWorld(settings);
  const table = alertOperations(world.alerts, () => world.nowMs);
  const ask = async (method: string, path: string, body?: unknown, ...parameters: string[]) => {
    const operation = table.find((one) => one.method === method && one.path === path);
    assert.ok(operation);
    const answer = await operation.run({ parameters, body, query: new URLSearchParams() });
    const document = JSON.parse(answer.body) as Record<string, unknown>;
    return { ...document, status: answer.status } as Told;
  };
  return { world, ask };
}

test("alerts are listed with all there is to them", async () => {
  const { world, ask } = start();
  world.alerts.fire(notice("a", { labels: { upstream: "api" } }));
  assert.deepEqual(await ask("GET", "/alerts"), {
    status: 200,
    alerts: [
      {
        key: "a",
        alert: "a",
        severity: "P1",
        state: "firing",
        since: new Date(BEGIN).toISOString(),
        started_at: new Date(BEGIN).toISOString(),
        summary: "a is wrong",
        details: "",
        runbook: null,
        labels: { upstream: "api" },
        silenced_by: null,
        acknowledged_by: null,
        receivers: ["hook"],
      },
    ],
  });
});

test("who saw it is noted", async () => {
  const { world, ask } = start();
  world.alerts.fire(notice("a"));
  const answer = await ask("POST", "/alerts/*/ack", { by: "ada" }, "a");
  assert.equal(answer.status, 200);
  assert.equal(world.alerts.list()[0]?.acknowledgedBy, "ada");
  assert.equal((await ask("POST", "/alerts/*/ack", undefined, "b")).status, 404);
});

test("a silence says what it keeps quiet, and can be ended", async () => {
  const { world, ask } = start();
  world.alerts.fire(notice("a"));
  const body = { match: { severity: "P1" }, for: "2h", by: "ada", comment: "known" };
  const made = await ask("POST", "/silences", body);
  assert.deepEqual(made, {
    status: 201,
    silence: {
      id: world.alerts.silences()[0]?.id,
      match: { severity: "P1" },
      until: new Date(BEGIN + 7_200_000).toISOString(),
      by: "ada",
      comment: "known",
    },
    silences_now: ["a"],
  });
  const { silences } = (await ask("GET", "/silences")) as unknown as { silences: { id: string }[] };
  assert.equal(silences.length, 1);
  assert.equal((await ask("POST", "/silences/*/end", undefined, silences[0]!.id)).status, 200);
  assert.equal((await ask("POST", "/silences/*/end", undefined, silences[0]!.id)).status, 404);
});

describe("a silence is refused", () => {
  const cases: readonly (readonly [string, unknown])[] = [
    ["without a body", undefined],
    ["without labels", { match: {}, for: "1h" }],
    ["with a label that is no text", { match: { severity: 1 }, for: "1h" }],
    ["with a list of labels", { match: ["severity"], for: "1h" }],
    ["without a time", { match: { severity: "P1" } }],
    ["with no time at all", { match: { severity: "P1" }, for: "0s" }],
    ["with a time in no unit", { match: { severity: "P1" }, for: "2" }],
    ["for ever", { match: { severity: "P1" }, for: "400d" }],
  ];
  for (const [name, body] of cases) {
    test(name, async () => {
      const { world, ask } = start();
      assert.equal((await ask("POST", "/silences", body)).status, 400);
      assert.equal(world.alerts.silences().length, 0);
    });
  }
});

test("a receiver is tried, and its answer told", async () => {
  const { world, ask } = start();
  const path = "/receivers/*/test";
  assert.deepEqual(await ask("POST", path, undefined, "hook"), {
    status: 200,
    receiver: "hook",
    ok: true,
    text: "ok",
  });
  world.manners.set("hook", "refuses");
  assert.deepEqual(await ask("POST", path, undefined, "hook"), {
    status: 200,
    receiver: "hook",
    ok: false,
    text: "it answered 400",
  });
  const missing = await ask("POST", path, undefined, "nobody");
  assert.equal(missing["error"], 'There is no receiver "nobody"; there is: hook.');
});

test("deliveries are listed", async () => {
  const { world, ask } = start();
  world.manners.set("hook", "fails");
  world.alerts.fire(notice("a"));
  await world.pass(1);
  const { deliveries } = (await ask("GET", "/alerts/deliveries")) as unknown as {
    deliveries: object[];
  };
  assert.deepEqual(deliveries, [
    {
      receiver: "hook",
      alert: "a (firing)",
      state: "due",
      attempts: 1,
      last_problem: "it answered 503",
      at: new Date(BEGIN).toISOString(),
    },
  ]);
});
