import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { alertOperations } from "../admin/alert-operations.ts";
import {
  BEGIN,
  AlertWorld,
  notice,
  receiver,
  route,
  settingsOf,
} from "../alerts/testing/alert-world.ts";
import { createAdminServer, type AdminOptions, type AdminServer } from "../admin/server.ts";
import { alertLines, troubleLines } from "./alerts.ts";
import { runCommandLine } from "./program.ts";

const at = (seconds: number): string => new Date(BEGIN - seconds * 1000).toISOString();

describe("on a terminal", () => {
  test("alerts are a table", () => {
    const alert = {
      key: "e{upstream=api}",
      alert: "e",
      severity: "P0",
      state: "firing",
      since: at(125),
      started_at: at(170),
      summary: "too many errors",
      details: "",
      runbook: null,
      labels: {},
      silenced_by: "silence 1",
      acknowledged_by: "ada",
      receivers: [],
    } as const;
    assert.deepEqual(
      alertLines([alert], BEGIN, (_color, text) => text),
      [
        "SEVERITY  STATE   SINCE   KEY              SUMMARY          NOTE",
        "P0        firing  2m ago  e{upstream=api}  too many errors  seen by ada, silence 1",
      ],
    );
    assert.deepEqual(
      alertLines([], BEGIN, (_color, text) => text),
      ["no alerts"],
    );
  });

  test("of each receiver in trouble the newest is told", () => {
    const due = {
      receiver: "pager",
      alert: "e (firing)",
      state: "due",
      attempts: 3,
      last_problem: "it answered 503",
      at: at(20),
    } as const;
    const lines = troubleLines(
      [due, { ...due, state: "given_up" }, { ...due, receiver: "chat", state: "sent" }],
      BEGIN,
    );
    assert.deepEqual(lines, [
      "warning: pager is not reached for e (firing), 3 tries, 20s ago: it answered 503",
    ]);
  });
});

describe("evenkeel alerts", () => {
  const world = new AlertWorld(
    settingsOf({ receivers: [receiver("hook")], routes: [route(["hook"])] }),
  );
  let server: AdminServer;
  let admin = "";
  before(async () => {
    const log = { info() {}, error() {} } as unknown as AdminOptions["log"];
    const operations = alertOperations(world.alerts, () => world.nowMs);
    server = createAdminServer({
      actions: {} as AdminOptions["actions"],
      more: () => operations,
      log,
      token: () => undefined,
    });
    const { port } = await server.listen("127.0.0.1", 0);
    admin = `http://127.0.0.1:${port}`;
  });
  after(() => server.close());

  async function run(
    ...words: string[]
  ): Promise<{ code: number; said: string[]; warned: string[] }> {
    const said: string[] = [];
    const warned: string[] = [];
    const code = await runCommandLine(["alerts", ...words, "--admin", admin], {
      print: (line) => void said.push(line),
      warn: (line) => void warned.push(line),
      stdout: {},
      environment: { USER: "ada" },
    });
    return { code, said, warned };
  }

  test("shows, acknowledges, silences and ends silences", async () => {
    assert.deepEqual((await run()).said, ["no alerts"]);
    world.alerts.fire(notice("errors{upstream=api}", { severity: "P1" }));
    assert.match((await run()).said[1]!, /^P1 +firing .* errors\{upstream=api\}/);
    const { said } = await run("--json");
    assert.equal((JSON.parse(said.join("")) as { alerts: unknown[] }).alerts.length, 1);
    assert.match((await run("ack", "errors{upstream=api}")).said[0]!, /is acknowledged/);
    assert.equal(world.alerts.list()[0]?.acknowledgedBy, "ada");
    const silenced = await run(
      "silence",
      "--match",
      "severity=P1",
      "--match",
      "alert=errors{upstream=api}",
      "--for",
      "2h",
      "--comment",
      "known",
    );
    assert.match(silenced.said[0]!, /^silence id-\d+ until .*: errors\{upstream=api\}$/);
    const silence = world.alerts.silences()[0]!;
    assert.equal(silence.by, "ada");
    const listed = await run("silences");
    assert.match(listed.said[1]!, /severity=P1 alert=errors\{upstream=api\} .* ada +known/);
    assert.match((await run("silences", "--json")).said.join(""), /"silences"/);
    assert.deepEqual((await run("unsilence", silence.id)).said, [`silence ${silence.id} is over`]);
    assert.deepEqual((await run("silences")).said, ["no silences"]);
  });

  test("tries a receiver and says what it answered", async () => {
    assert.deepEqual((await run("test", "hook")).said, ["hook took the test: ok"]);
    world.manners.set("hook", "refuses");
    const refused = await run("test", "hook");
    assert.equal(refused.code, 1);
    assert.deepEqual(refused.warned, ["evenkeel: hook did not take the test: it answered 400"]);
  });

  for (const [name, words, code, warning] of [
    ["an unknown key", ["ack", "nothing"], 1, /No alert "nothing" fires/],
    ["an unknown receiver", ["test", "nobody"], 1, /There is no receiver "nobody"; there is: hook/],
    ["an unknown silence", ["unsilence", "x"], 1, /There is no silence "x"/],
    [
      "a match that is none",
      ["silence", "--match", "P1", "--for", "1h"],
      2,
      /--match wants LABEL=VALUE/,
    ],
    [
      "a time that is none",
      ["silence", "--match", "a=b", "--for", "soon"],
      2,
      /--for wants a duration/,
    ],
    ["a silence without an end", ["silence", "--match", "a=b"], 2, /--for/],
  ] as const) {
    test(`says what is wrong with ${name}`, async () => {
      const outcome = await run(...words);
      assert.equal(outcome.code, code);
      assert.match(outcome.warned.join("\n"), warning);
    });
  }
});
