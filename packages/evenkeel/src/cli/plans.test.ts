import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, test, type TestContext } from "node:test";
import type { IncidentWithTimeline, TimesDocument } from "../admin/incident-document.ts";
import type { PlansDocument } from "../admin/plan-document.ts";
import { renderIncident, renderIncidents, renderTimes } from "./incidents-view.ts";
import { renderPlans } from "./plans-view.ts";
import { runCommandLine } from "./program.ts";

/** An admin address that answers everything with the same body, and notes what it was asked. */
async function fixture(t: TestContext, answer: unknown, status = 200) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    let text = "";
    request.setEncoding("utf8").on("data", (piece: string) => (text += piece));
    request.on("end", () => {
      asked.push(`${request.method} ${request.url}${text === "" ? "" : ` ${text}`}`);
      response.writeHead(status).end(JSON.stringify(answer));
    });
  }).listen(0, "127.0.0.1");
  t.after(() => server.close());
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const run = async (...words: readonly string[]) => {
    const out: string[] = [];
    const err: string[] = [];
    const code = await runCommandLine([...words, "--admin", `http://127.0.0.1:${port}`], {
      print: (line) => void out.push(line),
      warn: (line) => void err.push(line),
      stdout: {},
      environment: { USER: "ada" },
    });
    return { code, out: out.join("\n"), err: err.join("\n") };
  };
  return { asked, run };
}

const plans: PlansDocument = {
  frozen: null,
  plans: [
    {
      name: "payment-cpu",
      mode: "dry_run",
      state: "watching",
      refused: null,
      last_run_at: null,
      proven_at: "2026-11-20T12:00:00.000Z",
      unproven: false,
    },
  ],
  runs: [],
};

const incident: IncidentWithTimeline = {
  id: 7,
  title: "cpu_usage > 90% for 5m",
  object: "payment.2",
  state: "resolved",
  handling: "auto",
  plan: "payment-cpu",
  drill: null,
  fault_at: "2026-11-21T12:00:00.000Z",
  detected_at: "2026-11-21T12:05:00.000Z",
  action_at: "2026-11-21T12:05:00.100Z",
  mitigated_at: "2026-11-21T12:05:14.000Z",
  resolved_at: "2026-11-21T12:05:30.000Z",
  acknowledged_by: null,
  timeline: [
    { at: "2026-11-21T12:05:00.000Z", kind: "signal", text: "cpu_usage = 97 %" },
    { at: "2026-11-21T12:05:00.100Z", kind: "action", text: "restart_service payment.2" },
  ],
};

const nowMs = Date.parse("2026-11-21T12:10:00.000Z");
const plain = (_color: unknown, text: string): string => text;

describe("commands ask:", () => {
  const cases: readonly (readonly [words: readonly string[], asked: string, answer: unknown])[] = [
    [["plans"], "GET /plans", plans],
    [["plans", "run", "a", "b/c"], 'POST /plans/a/run {"object":"b/c","by":"ada"}', plans],
    [
      ["plans", "answer", "0123", "go"],
      'POST /plans/runs/0123/answer {"answer":"go","by":"ada"}',
      plans,
    ],
    [
      ["plans", "freeze", "big", "deploy"],
      'POST /plans/freeze {"reason":"big deploy","by":"ada"}',
      plans,
    ],
    [["plans", "freeze"], 'POST /plans/freeze {"by":"ada"}', plans],
    [["plans", "thaw"], 'POST /plans/thaw {"by":"ada"}', plans],
    [["incidents"], "GET /incidents?limit=20", { incidents: [incident] }],
    [
      ["incidents", "--times", "--days", "7"],
      "GET /incidents/times?days=7",
      { days: 7, times: [] },
    ],
    [["incidents", "show", "7"], "GET /incidents/7", incident],
    [["incidents", "show", "7", "--json"], "GET /incidents/7", incident],
    [["incidents", "ack", "7"], 'POST /incidents/7/acknowledge {"by":"ada"}', incident],
    [["incidents", "resolve", "7"], 'POST /incidents/7/resolve {"by":"ada"}', incident],
  ];
  for (const [words, asked, answer] of cases) {
    test(words.join(" "), async (t) => {
      const fake = await fixture(t, answer);
      const { code, out, err } = await fake.run(...words);
      assert.deepEqual([code, err, fake.asked], [0, "", [asked]]);
      if (words.includes("--json")) assert.deepEqual(JSON.parse(out), incident);
    });
  }

  test("a refusal is told and fails", async (t) => {
    const fake = await fixture(t, { error: "Plan x is at work." }, 409);
    const { code, err } = await fake.run("plans", "run", "x", "y");
    assert.deepEqual([code, err], [1, "evenkeel: Plan x is at work."]);
  });

  test("what can't be meant is bad usage", async (t) => {
    const fake = await fixture(t, {});
    assert.equal((await fake.run("plans", "answer", "0123", "maybe")).code, 2);
    assert.equal((await fake.run("incidents", "show", "last")).code, 2);
    assert.deepEqual(fake.asked, []);
  });
});

describe("text", () => {
  test("of plans", () => {
    assert.equal(
      renderPlans(plans, nowMs, plain),
      [
        "PLAN         MODE     STATE     LAST RUN  PROVEN  REFUSED BECAUSE",
        "payment-cpu  dry run  watching     never  1d ago  -",
      ].join("\n"),
    );
    const busy: PlansDocument = {
      plans: plans.plans,
      frozen: { by: "operator ada", reason: "deploy", at: "2026-11-21T12:09:00.000Z" },
      runs: [
        {
          id: "0123456789",
          plan: "payment-cpu",
          incident: 7,
          object: "payment.2",
          step: 0,
          steps: 2,
          doing: "waiting for an answer: restart?",
          started_at: "2026-11-21T12:09:30.000Z",
          question: "restart?",
        },
      ],
    };
    assert.deepEqual(renderPlans(busy, nowMs, plain).split("\n").slice(2), [
      "run 01234567 of payment-cpu on payment.2, 30s ago: waiting for an answer: restart? (incident 7)",
      "  evenkeel plans answer 01234567 go|stop",
      "frozen by operator ada 1m ago: deploy",
      '  "evenkeel plans thaw" lets them act again',
    ]);
    assert.equal(
      renderPlans({ ...plans, plans: [] }, nowMs, plain),
      "no recovery plans are configured",
    );
  });

  test("of incidents", () => {
    assert.equal(
      renderIncidents([incident], nowMs, plain),
      [
        "ID  STATE     AGE  OBJECT     PLAN         BY    DETECTED  MITIGATED  WHAT",
        " 7  resolved   5m  payment.2  payment-cpu  auto   300.0 s    314.0 s  cpu_usage > 90% for 5m",
      ].join("\n"),
    );
    assert.equal(renderIncidents([], nowMs, plain), "no incidents are known");
  });

  test("of one incident, with times since the first bad sample", () => {
    const lines = renderIncident(incident, plain).split("\n");
    assert.equal(lines[0], "incident 7: resolved  cpu_usage > 90% for 5m");
    assert.ok(lines.includes("  mitigated     2026-11-21T12:05:14.000Z  after 314.0 s"));
    assert.ok(!lines.some((line) => line.includes("seen by")));
    assert.deepEqual(lines.slice(-2), [
      "300.0 s  signal  cpu_usage = 97 %",
      "300.1 s  action  restart_service payment.2",
    ]);
  });

  test("what programs wrote does not steer the terminal", () => {
    const text = "output: \u001b[31mred\u0007\u009b\nnext\tline";
    const entry = { at: incident.fault_at, kind: "action", text } as const;
    const shown = renderIncident({ ...incident, timeline: [entry] }, plain);
    assert.match(shown, /output: \u{fffd}\[31mred\u{fffd}\u{fffd}\n +next\tline$/u);
  });

  test("of times", () => {
    const none = { n: 0, mean: null, median: null, p90: null };
    const some = { n: 3, mean: 2.25, median: 2, p90: 4 };
    const times: TimesDocument[] = [
      {
        plan: "p",
        handling: "auto",
        drill: true,
        detect_s: some,
        mitigate_s: some,
        resolve_s: none,
      },
    ];
    const [, , row] = renderTimes(times, 90).split("\n");
    assert.deepEqual(row?.split(/ +/), [
      "p",
      "auto",
      "drill",
      "3",
      "2.3",
      "2.0",
      "4.0",
      "3",
      "2.3",
      "2.0",
      "4.0",
      "0",
      "-",
      "-",
      "-",
    ]);
    assert.equal(renderTimes([], 7), "no incidents within the last 7 days");
  });
});
