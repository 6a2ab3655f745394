import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MAX_ALERTS } from "./alert-book.ts";
import { GIVE_UP_AFTER_MS } from "./back-off.ts";
import { MAX_WAITING } from "./delivery-queue.ts";
import { MAX_GROUPS } from "./groups.ts";
import { MAX_SILENCES } from "./silences.ts";
import {
  AlertWorld,
  BEGIN,
  notice,
  receiver,
  route,
  rule,
  settingsOf,
  settled,
  state,
} from "./testing/alert-world.ts";

const oneHook = settingsOf({ receivers: [receiver("hook")], routes: [route(["hook"])] });
const alone = { groupBy: undefined, groupWaitMs: 0 } as const;
const twoAlone = settingsOf({
  receivers: [receiver("hook"), receiver("pager", "pagerduty")],
  routes: [route(["hook", "pager"], alone)],
});

describe("rules", () => {
  const settings = (more = {}) => settingsOf({ ...oneHook, rules: [rule("r", more)] });

  test("fire, are told in their group, and resolve", async () => {
    const world = new AlertWorld(settings());
    world.conditions.set("r", [state("api", "true"), state("web", "false")]);
    await world.pass(1);
    assert.deepEqual(
      world.alerts.list().map(({ key, state }) => [key, state]),
      [["r{upstream=api}", "firing"]],
    );
    assert.deepEqual(world.heard(), []);
    await world.pass(10);
    assert.deepEqual(world.heard(), ["hook firing r{upstream=api}"]);
    world.conditions.set("r", [state("api", "false")]);
    await world.pass(59);
    assert.deepEqual(world.heard(), []);
    await world.pass(2);
    assert.deepEqual(world.heard(), ["hook resolved r{upstream=api}"]);
    assert.deepEqual(world.told, ["r firing", "r resolved"]);
  });

  test("leave no gap for what they are not of", async () => {
    const summary = "r {{upstream}} {{endpoint}} {{route}}: {{value}}";
    const world = new AlertWorld(settings({ summary }));
    world.conditions.set("r", [state("api", "true", BEGIN - 45_000)]);
    await world.pass(1);
    assert.equal(world.alerts.list()[0]?.summary, "r api: 3 %");
  });

  test("say what they are told to, with the value in its place", async () => {
    const world = new AlertWorld(settings({ labels: { team: "shop" } }));
    world.conditions.set("r", [state("api", "true", BEGIN - 45_000)]);
    await world.pass(1);
    const [alert] = world.alerts.list();
    assert.equal(alert?.summary, "api is at 3 %");
    assert.deepEqual(alert?.labels, { team: "shop", upstream: "api" });
    assert.equal(alert?.startedAtMs, BEGIN - 45_000);
    assert.equal(alert?.details, "error_ratio = 3 % (> 1 %), 340 requests\nRule: r");
    assert.deepEqual(alert?.receivers, ["hook"]);
  });

  test("are pending while the condition has not held long enough", async () => {
    const world = new AlertWorld(settings());
    world.conditions.set("r", [state("api", "false", BEGIN)]);
    await world.pass(30);
    assert.deepEqual(
      world.alerts.list().map(({ state }) => state),
      ["pending"],
    );
    assert.equal(world.alerts.facts().pending, 1);
    world.conditions.set("r", [state("api", "false")]);
    await world.pass(1);
    assert.deepEqual(world.alerts.list(), []);
    assert.deepEqual(world.heard(), []);
  });

  test("unknown neither fires nor resolves", async () => {
    const world = new AlertWorld(settings());
    world.conditions.set("r", [state("api", "unknown")]);
    await world.pass(60);
    assert.deepEqual(world.alerts.list(), []);
    world.conditions.set("r", [state("api", "true")]);
    await world.pass(1);
    world.conditions.set("r", [state("api", "unknown")]);
    await world.pass(600);
    assert.deepEqual(
      world.alerts.list().map(({ state }) => state),
      ["firing"],
    );
  });

  test("a thing that is gone resolves after a minute, unless nothing is known at all", async () => {
    const world = new AlertWorld(settings());
    world.conditions.set("r", [state("api", "true")]);
    await world.pass(1);
    world.conditions.set("r", [{ ...state("api", "unknown"), subject: {} }]);
    await world.pass(300);
    assert.equal(world.alerts.facts().firing.P1, 1);
    world.conditions.set("r", []);
    await world.pass(1);
    assert.equal(world.alerts.facts().firing.P1, 0);
  });

  test("keep_firing bridges short ends", async () => {
    const world = new AlertWorld(settings({ keepFiringMs: 30_000 }));
    world.conditions.set("r", [state("api", "true")]);
    await world.pass(15);
    for (let turn = 0; turn < 5; turn++) {
      world.conditions.set("r", [state("api", "false")]);
      await world.pass(20);
      world.conditions.set("r", [state("api", "true")]);
      await world.pass(1);
    }
    assert.deepEqual(world.heard(), ["hook firing r{upstream=api}"]);
    world.conditions.set("r", [state("api", "false")]);
    await world.pass(31);
    assert.equal(world.alerts.facts().firing.P1, 0);
  });

  test("are looked at on a grid, though ticks are late", async () => {
    const world = new AlertWorld(settings({ intervalMs: 15_000 }));
    world.nowMs += 300;
    await world.pass(50);
    assert.deepEqual(world.looks, [0, 15_000, 30_000, 45_000]);
  });

  test("a rule that is taken away ends its alerts", async () => {
    const world = new AlertWorld(settings());
    world.conditions.set("r", [state("api", "true")]);
    await world.pass(15);
    world.apply(oneHook);
    await world.pass(60);
    assert.deepEqual(world.heard(), [
      "hook firing r{upstream=api}",
      "hook resolved r{upstream=api}",
    ]);
  });

  test("a change of severity routes anew", async () => {
    const routes = [route(["hook"], { match: { severity: "P0" }, ...alone }), route([])];
    const world = new AlertWorld(settingsOf({ ...oneHook, routes, rules: [rule("r")] }));
    world.conditions.set("r", [state("api", "true")]);
    await world.pass(15);
    assert.deepEqual(world.heard(), []);
    world.apply({ ...world.settings, rules: [rule("r", { severity: "P0" })] });
    await world.pass(1);
    assert.deepEqual(world.heard(), ["hook firing r{upstream=api}"]);
  });

  test("what fired before a restart goes on, and listeners hear of it once", async () => {
    const world = new AlertWorld(settings());
    world.conditions.set("r", [state("api", "true")]);
    await world.pass(15);
    world.crash();
    // The count of `for` begins again: met, but not long enough yet.
    world.conditions.set("r", [state("api", "false", BEGIN)]);
    await world.pass(120);
    assert.deepEqual(world.heard(), ["hook firing r{upstream=api}"]);
    assert.deepEqual(world.told, ["r firing", "r firing"]);
    assert.equal(world.alerts.list()[0]?.summary, "api is at 3 %");
  });
});

describe("groups", () => {
  test("news is told at the next look, repeats are rounded up to one", async () => {
    const settings = settingsOf({ ...oneHook, routes: [route(["hook"], { repeatMs: 150_000 })] });
    const world = new AlertWorld(settings);
    world.alerts.fire(notice("a"));
    await world.pass(10);
    assert.deepEqual(world.heard(), ["hook firing a"]);
    world.alerts.fire(notice("b"));
    await world.pass(59);
    assert.deepEqual(world.heard(), []);
    await world.pass(1);
    assert.deepEqual(world.heard(), ["hook firing a b"]);
    await world.pass(179);
    assert.deepEqual(world.heard(), []);
    await world.pass(1);
    assert.deepEqual(world.heard(), ["hook firing a b"]);
    world.alerts.resolve("a");
    await world.pass(60);
    assert.deepEqual(world.heard(), ["hook firing b a(resolved)"]);
    world.alerts.resolve("b", "b is well again");
    await world.pass(60);
    assert.equal(world.arrivals[0]?.message.alerts[0]?.summary, "b is well again");
    assert.deepEqual(world.heard(), ["hook resolved b"]);
    assert.equal(world.alerts.facts().groups, 0);
  });

  test("alerts with equal labels are told together", async () => {
    const settings = settingsOf({
      ...oneHook,
      routes: [route(["hook"], { groupBy: ["upstream"] })],
    });
    const world = new AlertWorld(settings);
    for (const [key, upstream] of [
      ["a", "x"],
      ["b", "y"],
      ["c", "x"],
    ] as const) {
      world.alerts.fire(notice(key, { labels: { upstream } }));
    }
    await world.pass(10);
    assert.deepEqual(world.heard(), ["hook firing a c", "hook firing b"]);
  });

  test("what was over before it was told is not told", async () => {
    const world = new AlertWorld(oneHook);
    world.alerts.fire(notice("a"));
    await world.pass(5);
    world.alerts.resolve("a");
    await world.pass(100);
    assert.deepEqual(world.heard(), []);
    assert.equal(world.alerts.facts().groups, 0);
  });

  test("with no wait it is told before the call returns to the loop", async () => {
    const world = new AlertWorld(twoAlone);
    world.alerts.fire(notice("a", { severity: "P0" }));
    await settled();
    assert.equal(world.tries.length, 2);
  });

  test("receivers that want no ends hear none", async () => {
    const quiet = { ...receiver("hook"), sendResolved: false };
    const world = new AlertWorld(
      settingsOf({ receivers: [quiet], routes: [route(["hook"], alone)] }),
    );
    world.alerts.fire(notice("a"));
    await world.pass(1);
    world.alerts.resolve("a");
    await world.pass(120);
    assert.deepEqual(world.heard(), ["hook firing a"]);
    assert.equal(world.alerts.facts().groups, 0);
  });

  test("a notice that names receivers goes to these and no others", async () => {
    const world = new AlertWorld(twoAlone);
    world.alerts.fire(notice("a"), ["escalate_to_pagerduty"]);
    world.alerts.fire(notice("b"), ["nobody"]);
    await world.pass(1);
    assert.deepEqual(world.heard().toSorted(), [
      "hook firing b",
      "pager firing a",
      "pager firing b",
    ]);
    assert.ok(world.logged.some((line) => line.includes("none of its receivers exists")));
  });

  test("an Alertmanager is told at once and again each minute, also of what is acknowledged", async () => {
    const settings = settingsOf({
      receivers: [receiver("am", "alertmanager"), receiver("hook")],
      routes: [route(["am", "hook"])],
    });
    const world = new AlertWorld(settings);
    world.alerts.fire(notice("a"));
    world.alerts.acknowledge("a", "ada");
    await settled();
    await world.pass(130);
    assert.deepEqual(world.heard(), ["am firing a", "hook firing a", "am firing a", "am firing a"]);
    world.alerts.resolve("a");
    await world.pass(15);
    assert.deepEqual(world.heard(), ["am resolved a"]);
  });

  test("when routes change, who keeps a picture hears the end, others hear nothing", async () => {
    const world = new AlertWorld(twoAlone);
    world.alerts.fire(notice("a"));
    await world.pass(1);
    world.heard();
    world.apply({
      ...twoAlone,
      receivers: [...twoAlone.receivers, receiver("new")],
      routes: [route(["new"], { match: { severity: "P1" }, ...alone })],
    });
    await world.pass(2);
    assert.deepEqual(world.heard(), ["pager resolved a", "new firing a"]);
    await world.pass(120);
    assert.equal(world.alerts.facts().groups, 1);
  });
});

describe("quiet", () => {
  test("a silence keeps quiet; what still fires afterwards is told then", async () => {
    const world = new AlertWorld(oneHook);
    const untilMs = BEGIN + 300_000;
    const id = world.alerts.silence({
      match: { severity: "P1" },
      untilMs,
      by: "ada",
      comment: "known",
    });
    world.alerts.fire(notice("a"));
    await world.pass(290);
    assert.deepEqual(world.heard(), []);
    assert.equal(world.alerts.list()[0]?.silencedBy, `silence ${id}`);
    assert.equal(world.alerts.facts().silenced, 1);
    await world.pass(81);
    assert.deepEqual(world.heard(), ["hook firing a"]);
    assert.deepEqual(world.alerts.silences(), []);
  });

  test("the end of what was told before is told when the silence is over", async () => {
    const world = new AlertWorld(oneHook);
    world.alerts.fire(notice("a"));
    await world.pass(10);
    const silence = { match: { alert: "a" }, untilMs: BEGIN + 3_600_000, by: "", comment: "" };
    const id = world.alerts.silence(silence)!;
    world.alerts.resolve("a");
    await world.pass(1200);
    assert.deepEqual(world.heard(), ["hook firing a"]);
    assert.ok(world.alerts.unsilence(id));
    assert.ok(!world.alerts.unsilence(id));
    await world.pass(60);
    assert.deepEqual(world.heard(), ["hook resolved a"]);
  });

  test("silences outlive a restart and are bounded", () => {
    const world = new AlertWorld(oneHook);
    const silence = { match: { alert: "a" }, untilMs: BEGIN + 1000, by: "", comment: "" };
    for (let count = 0; count < MAX_SILENCES; count++) assert.ok(world.alerts.silence(silence));
    assert.equal(world.alerts.silence(silence), undefined);
    world.crash();
    assert.equal(world.alerts.silences().length, MAX_SILENCES);
  });

  test("nothing is sent in a maintenance window", async () => {
    const window = { fromMs: BEGIN, toMs: BEGIN + 120_000 };
    const maintenance = [{ name: "move", match: { severity: "P1" }, window }];
    const world = new AlertWorld({ ...oneHook, maintenance });
    world.alerts.fire(notice("a"));
    world.alerts.fire(notice("b", { severity: "P0" }));
    await world.pass(60);
    assert.deepEqual(world.heard(), ["hook firing b"]);
    const [, a] = world.alerts.list();
    assert.equal(a?.silencedBy, "maintenance move");
    await world.pass(90);
    assert.deepEqual(world.heard(), ["hook firing a b"]);
  });

  test("what is acknowledged is not repeated, until it fires anew", async () => {
    const world = new AlertWorld(twoAlone);
    world.alerts.fire(notice("a"));
    await world.pass(1);
    assert.ok(world.alerts.acknowledge("a", "ada"));
    assert.ok(!world.alerts.acknowledge("b", "ada"));
    await world.pass(1900);
    assert.deepEqual(world.heard(), ["hook firing a", "pager firing a", "pager acknowledged a"]);
    assert.equal(world.alerts.list()[0]?.acknowledgedBy, "ada");
    world.alerts.resolve("a");
    await world.pass(61);
    world.alerts.fire(notice("a"));
    await world.pass(700);
    assert.deepEqual(
      world.heard().filter((line) => line.startsWith("hook")),
      ["hook resolved a", "hook firing a", "hook firing a"],
    );
  });
});

describe("delivery", () => {
  test("is tried again with growing waits, in order", async () => {
    const world = new AlertWorld(settingsOf({ ...oneHook, routes: [route(["hook"], alone)] }));
    world.manners.set("hook", "fails");
    world.alerts.fire(notice("a"));
    await settled();
    await world.pass(30);
    world.alerts.resolve("a");
    await world.pass(60);
    const times = world.tries.map(({ atMs }) => (atMs - BEGIN) / 1000);
    assert.deepEqual(times, [0, 1, 3, 6, 12, 24, 48]);
    assert.deepEqual(new Set(world.tries.map(({ message }) => message.id)).size, 1);
    assert.equal(world.alerts.deliveries()[1]?.lastProblem, "it answered 503");
    world.manners.set("hook", "takes");
    await world.pass(60);
    assert.deepEqual(world.heard(), ["hook firing a", "hook resolved a"]);
    assert.deepEqual(
      world.alerts.deliveries().map(({ state }) => state),
      ["sent", "sent"],
    );
  });

  test("a receiver that hangs is cut off and delays nobody", async () => {
    const world = new AlertWorld(twoAlone);
    world.manners.set("hook", "hangs");
    world.alerts.fire(notice("a"));
    await world.pass(1);
    assert.deepEqual(world.heard(), ["pager firing a"]);
    await world.pass(8);
    assert.equal(
      world.alerts.deliveries().find(({ state }) => state === "due")?.lastProblem,
      "no answer within 8 s",
    );
  });

  test("one group that is refused later does not hold up another of the same receiver", async () => {
    const world = new AlertWorld(settingsOf({ ...oneHook, routes: [route(["hook"], alone)] }));
    world.manners.set("hook", "fails");
    world.alerts.fire(notice("a"));
    await world.pass(5);
    world.manners.set("hook", "takes");
    world.alerts.fire(notice("b"));
    await settled();
    assert.deepEqual(world.heard(), ["hook firing b"]);
  });

  test("what can't be delivered is given up, told elsewhere, and tried anew", async () => {
    const world = new AlertWorld(twoAlone);
    world.manners.set("pager", "fails");
    world.alerts.fire(notice("a", { severity: "P0" }));
    await world.pass(GIVE_UP_AFTER_MS / 1000 + 61);
    const undelivered = world.heard().filter((line) => line.startsWith("hook report undelivered"));
    assert.equal(undelivered.length, 1);
    const report = world.alerts.deliveries().find(({ alert }) => alert.startsWith("undelivered"));
    assert.equal(report?.receiver, "hook");
    assert.equal(world.alerts.facts().receivers.find(({ name }) => name === "pager")?.givenUp, 1);
    assert.ok(
      world.logged.some((line) => line.startsWith("pager could not be told, and it is given up")),
    );
    world.manners.set("pager", "takes");
    await world.pass(120);
    assert.ok(world.heard().includes("pager firing a"));
  });

  test("what is refused is given up at once and waits for the repeat", async () => {
    const world = new AlertWorld(twoAlone);
    world.manners.set("pager", "refuses");
    world.alerts.fire(notice("a"));
    await world.pass(599);
    assert.equal(world.tries.filter(({ receiver }) => receiver === "pager").length, 1);
    await world.pass(61);
    assert.equal(world.tries.filter(({ receiver }) => receiver === "pager").length, 2);
    // Who stands in is told once, not at each repeat.
    assert.equal(world.heard().filter((line) => line.includes("undelivered")).length, 1);
  });

  test("a crash before the answer repeats the same message, one after it repeats nothing", async () => {
    const world = new AlertWorld(settingsOf({ ...oneHook, routes: [route(["hook"], alone)] }));
    world.manners.set("hook", "lost");
    world.alerts.fire(notice("a"));
    await settled();
    world.manners.set("hook", "takes");
    world.crash();
    await world.pass(5);
    const ids = world.arrivals.map(({ message }) => message.id);
    assert.equal(ids.length, 2);
    assert.equal(ids[0], ids[1]);
    world.heard();
    world.crash();
    await world.pass(500);
    assert.deepEqual(world.heard(), []);
  });

  test("reports are told once, also over a restart, and not at all while silenced", async () => {
    const world = new AlertWorld(twoAlone);
    world.alerts.report(notice("healed"), ["hook"]);
    world.alerts.report(notice("healed"), ["hook"]);
    world.crash();
    world.alerts.report(notice("healed"), ["hook"]);
    world.alerts.silence({ match: { alert: "other" }, untilMs: BEGIN + 9e6, by: "", comment: "" });
    world.alerts.report(notice("other"), ["hook"]);
    await world.pass(2);
    const reports = world.arrivals.filter(({ message }) => message.kind === "report");
    assert.equal(new Set(reports.map(({ message }) => message.id)).size, 1);
    assert.deepEqual(world.alerts.list(), []);
  });

  test("a test goes past everything and says what was answered", async () => {
    const world = new AlertWorld(twoAlone);
    assert.equal(world.alerts.test("nobody"), undefined);
    assert.deepEqual(await world.alerts.test("hook"), { ok: true, text: "ok" });
    world.manners.set("hook", "refuses");
    assert.deepEqual(await world.alerts.test("hook"), { ok: false, text: "it answered 400" });
  });

  test("what waits for a receiver that is taken away is dropped", async () => {
    const world = new AlertWorld(twoAlone);
    world.manners.set("pager", "fails");
    world.alerts.fire(notice("a"));
    await world.pass(2);
    world.apply(settingsOf({ receivers: [receiver("hook")], routes: [route(["hook"], alone)] }));
    await world.pass(2);
    assert.ok(!world.alerts.deliveries().some(({ state }) => state === "due"));
    assert.equal(
      world.store.size > 0 &&
        [...world.store.keys()].some((key) => key.startsWith("alert_deliveries")),
      false,
    );
  });

  test("a clock that is set back by a day delays nothing for long", async () => {
    const world = new AlertWorld(
      settingsOf({ ...oneHook, rules: [rule("r")], routes: [route(["hook"], alone)] }),
    );
    world.manners.set("hook", "fails");
    world.conditions.set("r", [state("api", "true")]);
    await world.pass(20);
    world.nowMs -= 86_400_000;
    world.manners.set("hook", "takes");
    await world.pass(2);
    assert.deepEqual(world.heard(), ["hook firing r{upstream=api}"]);
    world.conditions.set("r", [state("api", "false")]);
    await world.pass(62);
    assert.deepEqual(world.heard(), ["hook resolved r{upstream=api}"]);
  });
});

describe("bounds", () => {
  test("alerts: lesser ones leave room for graver ones, and it is said", async () => {
    const world = new AlertWorld(settingsOf({ receivers: [], routes: [] }));
    for (let at = 0; at < MAX_ALERTS.P0; at++)
      world.alerts.fire(notice(`a${at}`, { severity: "P2" }));
    assert.equal(world.alerts.facts().firing.P2, MAX_ALERTS.P2);
    assert.equal(world.alerts.facts().dropped, MAX_ALERTS.P0 - MAX_ALERTS.P2);
    world.alerts.fire(notice("grave", { severity: "P0" }));
    assert.equal(world.alerts.facts().firing.P0, 1);
    await world.pass(1);
    assert.ok(world.logged.some((line) => line.includes("too many alerts")));
  });

  test("groups: beyond the bound alerts are told together", async () => {
    const world = new AlertWorld(
      settingsOf({ ...oneHook, routes: [route(["hook"], { groupBy: undefined })] }),
    );
    for (let at = 0; at < MAX_GROUPS + 100; at++)
      world.alerts.fire(notice(`a${at}`, { severity: "P0" }));
    assert.equal(world.alerts.facts().groups, MAX_GROUPS + 1);
    await world.pass(10);
    await world.pass(400);
    const told = new Set(
      world.arrivals.flatMap(({ message }) => message.alerts.map(({ key }) => key)),
    );
    // The message of the common group names the first and counts the rest.
    assert.ok(told.size >= MAX_GROUPS + 50);
    assert.ok(world.arrivals.some(({ message }) => message.truncated === 50));
  });

  test("messages that wait for one receiver", () => {
    const world = new AlertWorld(twoAlone);
    world.manners.set("hook", "hangs");
    for (let at = 0; at < MAX_WAITING + 10; at++) world.alerts.report(notice(`a${at}`), ["hook"]);
    const hook = world.alerts.facts().receivers.find(({ name }) => name === "hook");
    assert.equal(hook?.waiting, MAX_WAITING);
    assert.equal(hook?.givenUp, 10);
  });

  test("texts", () => {
    const world = new AlertWorld(oneHook);
    world.alerts.fire(notice("a", { summary: "x".repeat(5000), details: "y".repeat(50_000) }));
    const [alert] = world.alerts.list();
    assert.equal(alert?.summary.length, 1000);
    assert.equal(alert?.details.length, 8000);
  });
});
