import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { groupKeyOf, resolveReceivers, waysOf } from "./routing.ts";
import { receiver, route } from "./testing/alert-world.ts";

const receivers = [
  receiver("pager", "pagerduty"),
  receiver("am", "alertmanager"),
  receiver("hook"),
];

describe("receivers are found", () => {
  const cases: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    ["by name", ["hook"], ["hook"]],
    ["by kind", ["escalate_to_pagerduty"], ["pager"]],
    ["by name, in the same words", ["notify_hook"], ["hook"]],
    ["each once", ["hook", "notify_webhook"], ["hook"]],
    ["or not at all", ["escalate_to_slack", "nobody"], []],
  ];
  for (const [name, named, expected] of cases) {
    test(name, () => assert.deepEqual(resolveReceivers(named, receivers), expected));
  }
});

test("the first route that matches decides", () => {
  const routes = [
    route(["hook"], { match: { severity: "P0" } }),
    route(["pager"], { match: { upstream: "api" } }),
    route([]),
  ];
  const to = (labels: Record<string, string>): string[] =>
    waysOf(labels, undefined, { routes, receivers }).flatMap((way) => way.receivers);
  assert.deepEqual(to({ severity: "P0", upstream: "api" }), ["hook"]);
  assert.deepEqual(to({ severity: "P1", upstream: "api" }), ["pager"]);
  assert.deepEqual(to({ severity: "P2" }), []);
});

test("an Alertmanager goes a way of its own, with all alerts at once", () => {
  const [hook, feed] = waysOf({}, undefined, { routes: [route(["hook", "am"])], receivers });
  assert.deepEqual(hook?.receivers, ["hook"]);
  assert.deepEqual(feed?.receivers, ["am"]);
  assert.equal(feed?.groupWaitMs, 0);
  assert.notEqual(groupKeyOf(hook, {}, "k"), groupKeyOf(feed, {}, "k"));
});

test("groups are told apart by their labels, or by the alert itself", () => {
  const [by] = waysOf({}, undefined, {
    routes: [route(["hook"], { groupBy: ["upstream"] })],
    receivers,
  });
  assert.equal(groupKeyOf(by!, { upstream: "api", route: "x" }, "k1"), '{}:{upstream="api"}');
  const [alone] = waysOf({}, undefined, {
    routes: [route(["hook"], { groupBy: undefined })],
    receivers,
  });
  assert.notEqual(groupKeyOf(alone!, {}, "k1"), groupKeyOf(alone!, {}, "k2"));
});
