import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseConfig } from "../load.ts";
import { formatProblems } from "../problem.ts";
import { desire, problemsOf } from "../testing/configure.ts";

const file = (rule: string, more = ""): string =>
  `upstreams:\n  api: { endpoints: ["h:1"], metric_health: ${rule} }\n${more}`;

describe("problems of metric health", () => {
  const cases: readonly [name: string, text: string, ...expected: string[]][] = [
    ["sound", file("{ when: p99 > 1s, then: { weight: 25% } }")],
    [
      "several",
      file("[{ when: p99 > 1s, then: { weight: 25% } }, { when: up == 0, then: { eject: 1h } }]"),
    ],
    [
      "no such signal: the caret stands at it",
      file("{ when: p50 > 1s or p98 > 1s, then: { weight: 25% } }"),
      '2:65 upstreams.api.metric_health.when: there is no signal "p98"; did you mean "p90"?',
    ],
    [
      "quotes do not move the caret",
      file("{ when: 'p50 > 1s or p98 > 1s', then: { weight: 25% } }"),
      '2:66 upstreams.api.metric_health.when: there is no signal "p98"; did you mean "p90"?',
    ],
    [
      "no text",
      file("{ when: 5, then: { weight: 25% } }"),
      '2:53 upstreams.api.metric_health.when: must be a condition such as "cpu_usage > 90% for 5m"; got 5',
    ],
    [
      "no condition",
      file("{ then: { weight: 25% } }"),
      "2:45 upstreams.api.metric_health.when: is required",
    ],
    [
      "neither",
      file("{ when: p99 > 1s, then: {} }"),
      "2:69 upstreams.api.metric_health.then: needs either weight or eject",
    ],
    [
      "both",
      file("{ when: p99 > 1s, then: { weight: 5%, eject: 5s } }"),
      "2:69 upstreams.api.metric_health.then: needs either weight or eject",
    ],
    [
      "out for too long",
      file("{ when: p99 > 1s, then: { eject: 2h } }"),
      "2:78 upstreams.api.metric_health.then.eject: an endpoint is ejected for at most 1h at once; got 2h",
    ],
    [
      "no such upstream",
      file("{ when: p99(apy) > 1s, then: { weight: 25% } }"),
      '2:57 upstreams.api.metric_health.when: there is no upstream "apy"; did you mean "api"?',
    ],
    [
      "no such process",
      file("{ when: cpu_usage(pay) > 80%, then: { weight: 25% } }"),
      '2:63 upstreams.api.metric_health.when: there is no process "pay"',
    ],
    ["any upstream may be meant", file("{ when: 'p99(upstream=*) > 1s', then: { weight: 25% } }")],
    [
      "no Prometheus",
      file(`{ when: 'prometheus("x") > 1', then: { weight: 25% } }`),
      '2:54 upstreams.api.metric_health.when: asks a Prometheus, but none is configured; add prometheus: { url: "http://…" } at the top',
    ],
    [
      "a Prometheus",
      file(
        `{ when: 'prometheus("x") > 1', then: { weight: 25% } }`,
        'prometheus: { url: "https://p:9090/base/" }',
      ),
    ],
    [
      "a Prometheus that is broken is there all the same",
      file(
        `{ when: 'prometheus("x") > 1', then: { weight: 25% } }`,
        "prometheus: { url: nowhere }",
      ),
      '3:20 prometheus.url: must be an address such as "http://127.0.0.1:9090", without user, query and "#"; got nowhere',
    ],
    [
      "so is a process that is broken",
      file(
        "{ when: cpu_usage(pay) > 80%, then: { weight: 25% } }",
        "processes: { pay: { command: x, zebra: 1 } }",
      ),
      "3:33 processes.pay.zebra: unknown key",
    ],
  ];
  for (const [name, text, ...expected] of cases) {
    test(name, () => {
      assert.deepEqual(
        problemsOf(text),
        expected.map((line) => `evenkeel.yaml:${line}`),
      );
    });
  }

  test("the caret stands below the character", () => {
    const text = file("{ when: p50 > 1s or p98 > 1s, then: { weight: 25% } }");
    const result = parseConfig("evenkeel.yaml", text, { environment: {} });
    assert.ok(!result.ok);
    const [, excerpt, caret] = formatProblems(result.problems).split("\n");
    assert.equal(excerpt!.slice(caret!.indexOf("^")).slice(0, 3), "p98");
  });

  test("a condition over several lines is pointed into as well", () => {
    const text = `upstreams:
  api:
    endpoints: ["h:1"]
    metric_health:
      when: >-
        p99 > 1s
        and error_ratio > 5s
      then: { weight: 25% }
`;
    assert.match(problemsOf(text)[0] ?? "", /^evenkeel\.yaml:7:27 .*error_ratio is a share/);
  });
});

test("what control gets", () => {
  const { signals } = desire(
    file(
      "[{ when: p99 > 1s, then: { weight: 25% } }, { when: p99 > 2s, min_requests: 0, then: { eject: 5s } }]",
      'prometheus: { url: "http://p:9090/", headers: { X-Scope: shop } }',
    ),
  );
  assert.deepEqual(signals.prometheus, {
    url: "http://p:9090",
    timeoutMs: 5000,
    intervalMs: 15_000,
    headers: { "X-Scope": "shop" },
  });
  assert.deepEqual(
    signals.metricHealth.map(({ upstream, condition, minRequests, then }) => [
      upstream,
      condition.text,
      minRequests,
      then,
    ]),
    [
      ["api", "p99 > 1s", 50, { kind: "weight", percent: 25, stepPercent: 5 }],
      ["api", "p99 > 2s", 0, { kind: "eject", forMs: 5000 }],
    ],
  );
});
