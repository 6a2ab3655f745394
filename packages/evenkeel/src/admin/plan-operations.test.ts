import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createWorld, planOf, settingsOf, stepOf } from "../recovery/testing/world.ts";
import { incidentOperations } from "./incident-operations.ts";
import type { Operation } from "./operations.ts";
import { planOperations } from "./plan-operations.ts";

function fixture(more: Parameters<typeof planOf>[0] = {}) {
  const world = createWorld();
  world.recovery.apply(settingsOf(planOf(more)));
  const table: readonly Operation[] = [
    ...planOperations(world.recovery),
    ...incidentOperations(world.history.incidents, world.recovery, () => world.clock.nowMs()),
  ];
  /** As the server finds it: the first that fits. */
  const ask = async (line: string, body?: unknown) => {
    const [method = "", target = ""] = line.split(" ");
    const url = new URL(target, "http://admin");
    const parts = url.pathname.split("/");
    const found = table.find((one) => {
      const wanted = one.path.split("/");
      const fits = wanted.every((part, at) => part === "*" || part === parts[at]);
      return one.method === method && wanted.length === parts.length && fits;
    });
    assert.ok(found, line);
    const wanted = found.path.split("/");
    const parameters = parts.filter((_, at) => wanted[at] === "*").map(decodeURIComponent);
    const answer = await found.run({ parameters, body, query: url.searchParams });
    return { status: answer.status, body: JSON.parse(answer.body) as Record<string, unknown> };
  };
  return { world, ask };
}

describe("plans", () => {
  test("are shown, run, frozen and thawed", async () => {
    const { world, ask } = fixture();
    const { body } = await ask("GET /plans");
    assert.deepEqual(body, {
      frozen: null,
      plans: [
        {
          name: "mend",
          mode: "auto",
          state: "watching",
          refused: null,
          last_run_at: null,
          proven_at: null,
          unproven: true,
        },
      ],
      runs: [],
    });
    const frozen = await ask("POST /plans/freeze", { by: "ada", reason: "deploy" });
    assert.deepEqual(frozen.body["frozen"], {
      by: "operator ada",
      reason: "deploy",
      at: new Date(world.clock.nowMs()).toISOString(),
    });
    assert.equal((await ask("POST /plans/thaw")).body["frozen"], null);
    const run = await ask("POST /plans/mend/run", { object: "api.2" });
    assert.equal((run.body["runs"] as unknown[]).length, 1);
    assert.deepEqual(await ask("POST /plans/mend/run", { object: "api.2" }), {
      status: 409,
      body: { error: "Mend is at work on api.2 already." },
    });
    assert.equal((await ask("POST /plans/mend/run")).status, 400);
    assert.deepEqual(await ask("POST /plans/none/run", { object: "api.2" }), {
      status: 404,
      body: { error: 'There is no plan "none"; there is: mend.' },
    });
  });

  test("are answered", async () => {
    const approve = stepOf({ action: "approve", question: "now?", otherwise: "stop" });
    const { world, ask } = fixture({ steps: [approve] });
    world.recovery.trigger("mend", "api.1", "ada");
    await world.pass(1000);
    const [run] = world.recovery.runs();
    assert.equal(
      (await ask(`POST /plans/runs/${run?.run}/answer`, { answer: "perhaps" })).status,
      400,
    );
    assert.equal((await ask("POST /plans/runs/none/answer", { answer: "go" })).status, 409);
    assert.equal(
      (await ask(`POST /plans/runs/${run?.run}/answer`, { answer: "stop" })).status,
      200,
    );
    await world.pass(1000);
    assert.match(world.timeline().join("\n"), /an operator says stop/);
  });
});

describe("Alertmanager's webhook", () => {
  const alertPlan = { trigger: { kind: "alert", alert: "Slow", labels: {} } } as const;
  const post = (...alerts: readonly unknown[]) => ({ version: "4", status: "firing", alerts });

  test("triggers plans", async () => {
    const { world, ask } = fixture(alertPlan);
    const labels = { alertname: "Slow", process: "api", instance: "api.4", severity: "page" };
    const taken = await ask(
      "POST /alerts/webhook",
      post({ status: "firing", labels }, { status: "suppressed", labels }, { labels: 7 }, null),
    );
    assert.deepEqual(taken, { status: 200, body: { taken: 1 } });
    await world.pass(3000);
    assert.deepEqual(world.deeds, ["restart api.4"]);
    await ask("POST /alerts/webhook", post({ status: "resolved", labels }));
    await world.pass(20_000);
    assert.equal(world.history.incidents.list(1)[0]?.state, "resolved");
  });

  test("refuses what is something else", async () => {
    const { ask } = fixture(alertPlan);
    assert.equal((await ask("POST /alerts/webhook", [])).status, 400);
    assert.equal((await ask("POST /alerts/webhook")).status, 400);
    const many = Array.from({ length: 1001 }, () => ({}));
    assert.equal((await ask("POST /alerts/webhook", post(...many))).status, 413);
  });
});

describe("incidents", () => {
  test("are listed, shown, acknowledged and resolved", async () => {
    const { world, ask } = fixture({ mode: "dry_run" });
    world.instances[0]!.ill = true;
    world.instances[0]!.incurable = true;
    await world.pass(4000);
    const { body } = await ask("GET /incidents?limit=5");
    const [first] = body["incidents"] as readonly {
      readonly id: number;
      readonly object: string;
    }[];
    assert.deepEqual([first?.id, first?.object], [1, "api.1"]);
    const shown = await ask("GET /incidents/1");
    assert.equal((shown.body["timeline"] as unknown[]).length, 2);
    assert.equal(
      (await ask("POST /incidents/1/acknowledge", { by: "ada" })).body["acknowledged_by"],
      "operator ada",
    );
    assert.equal((await ask("POST /incidents/1/resolve")).body["state"], "resolved");
    assert.equal((await ask("POST /incidents/1/resolve")).status, 409);
    for (const line of ["GET /incidents/2", "GET /incidents/x", "POST /incidents/9/resolve"]) {
      assert.equal((await ask(line)).status, 404, line);
    }
    assert.equal((await ask("GET /incidents?limit=0")).status, 400);
  });

  test("give their times", async () => {
    const { world, ask } = fixture();
    world.instances[0]!.ill = true;
    await world.pass(20_000);
    const { body } = await ask("GET /incidents/times?days=7");
    const [row] = body["times"] as readonly Record<string, unknown>[];
    assert.deepEqual([body["days"], row?.["plan"], row?.["handling"]], [7, "mend", "auto"]);
    assert.deepEqual(row?.["detect_s"], { n: 1, mean: 2, median: 2, p90: 2 });
    assert.equal((await ask("GET /incidents/times?days=no")).status, 400);
  });
});
