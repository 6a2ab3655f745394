import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { formatProblems } from "../problem.ts";
import { parseConfig } from "../load.ts";
import { configure, desire, problemsOf, warningsOf } from "../testing/configure.ts";

const key = "0123456789abcdef0123456789abcdef";
const frame = `
upstreams: { api: { endpoints: ["h:1"] } }
processes: { worker: { command: x, metrics: /metrics } }
`;
const rules = (text: string) => `${frame}alerts: { rules: { ${text} } }`;
const receivers = (text: string) => `${frame}alerts: { receivers: { ${text} } }`;
const routes = (text: string) =>
  `${frame}alerts: { rules: { r: { when: "error_ratio(api) > 1%", severity: P1, labels: { team: shop } } }, receivers: { pager: { pagerduty: { routing_key: ${key} } }, chat: { slack: { url: "https://hooks.slack.com/services/T0/B0/x" } } }, routes: [${text}] }`;
const windows = (text: string) => `${frame}alerts: { maintenance: [{ name: m, ${text} }] }`;

test("the users' usual table is three rules", () => {
  const { alerts } = desire(`${frame}
alerts:
  rules:
    errors: { when: "5xx_ratio(upstream=api) > 0.5% for 3 x 15s", severity: P0 }
    latency: { when: "p95(upstream=api) > 500ms for 5m", severity: P1 }
    gc: { when: "gc_pause(process=worker) > 2s", severity: P1 }
`);
  const intervals = alerts.rules.map(({ name, intervalMs }) => [name, intervalMs]);
  assert.deepEqual(intervals, [
    ["errors", 15_000],
    ["latency", 15_000],
    ["gc", 15_000],
  ]);
});

test("every look that a condition counts is taken, and none is too late to count", () => {
  for (const [written, intervalMs] of [
    ["3 x 20s", 10_000],
    ["2 x 2m", 15_000],
    ["5m", 15_000],
  ] as const) {
    const { alerts } = desire(
      rules(`r: { when: "error_ratio(api) > 1% for ${written}", severity: P2 }`),
    );
    assert.equal(alerts.rules[0]?.intervalMs, intervalMs, written);
  }
});

test("a rule is looked at as often as its condition counts", () => {
  const { alerts } = desire(rules('r: { when: "error_ratio(api) > 1% for 3 x 2s", severity: P2 }'));
  assert.equal(alerts.rules[0]?.intervalMs, 2000);
});

describe("routes that always hold", () => {
  const all = desire(routes("")).alerts;

  test("P0 goes to everybody at once, each alert by itself", () => {
    assert.deepEqual(all.routes[0]?.receivers, ["pager", "chat"]);
    assert.equal(all.routes[0]?.groupWaitMs, 0);
    assert.equal(all.routes[0]?.groupBy, undefined);
  });

  test("P1 pages nobody while there is somebody else", () => {
    assert.deepEqual(all.routes[1]?.receivers, ["chat"]);
    const only = desire(receivers(`pager: { pagerduty: { routing_key: ${key} } }`)).alerts;
    assert.deepEqual(only.routes[1]?.receivers, ["pager"]);
  });

  test("the last matches everything and tells nobody", () => {
    assert.deepEqual(all.routes.at(-1)?.match, {});
    assert.deepEqual(all.routes.at(-1)?.receivers, []);
  });
});

describe("secrets", () => {
  test("are read from files", () => {
    const text = receivers(
      "pager: { pagerduty: { routing_key_file: k } }, chat: { slack: { url_file: u } }, mail: { email: { from: a@b.c, to: d@e.f, host: h, user: x, password_file: p } }, hook: { webhook: { url_file: u, token_file: p } }",
    );
    const files: Readonly<Record<string, string>> = { k: key, u: "https://x.example/s", p: "pass" };
    const readText = (file: string) => `${files[file.at(-1)!]}\n`;
    const { receiverSecrets } = configure(text, { readText });
    assert.equal(receiverSecrets["pager"]?.routingKey, key);
    assert.equal(receiverSecrets["chat"]?.url, "https://x.example/s");
    assert.equal(receiverSecrets["mail"]?.password, "pass");
    assert.equal(receiverSecrets["hook"]?.token, "pass");
  });

  test("a file with something else is refused without showing what", () => {
    const text = receivers("pager: { pagerduty: { routing_key_file: k } }");
    const [problem = "", ...more] = problemsOf(text, { readText: () => "hunter2" });
    assert.match(
      problem,
      /routing_key_file: names a file that does not hold an integration key: 32 letters and digits/,
    );
    assert.ok(!problem.includes("hunter2"));
    assert.equal(more.length, 0);
  });

  for (const [name, text] of [
    ["a routing key", 'p: { pagerduty: { routing_key: "secret-but-short" } }'],
    ["an address", 's: { slack: { url: "hooks.slack.com/secret-but-short" } }'],
    ["a whole address", 's: { slack: { url: "https://hooks.slack.com/secret-but-short" }, x: 1 }'],
    ["a password", "m: { email: { from: a, to: b@c.d, host: h, password: secret-but-short } }"],
  ] as const) {
    test(`${name} is not shown where it is wrong`, () => {
      const result = parseConfig("evenkeel.yaml", receivers(text), { environment: {} });
      assert.ok(!result.ok);
      assert.ok(!formatProblems(result.problems).includes("secret-but-short"));
    });
  }

  test("user and password become an authorization header", () => {
    const text = receivers(
      'sms: { sms: { url: "https://x.example", body: "a={{summary}}", user: u, password: p } }',
    );
    const [receiver] = desire(text).alerts.receivers;
    assert.ok(receiver?.kind === "webhook");
    assert.equal(receiver.headers["authorization"], `Basic ${btoa("u:p")}`);
    assert.equal(receiver.sendResolved, false);
  });
});

describe("what can't be meant is refused:", () => {
  const cases: readonly (readonly [name: string, text: string, problem: RegExp])[] = [
    [
      "unknown receiver",
      routes("{ receivers: [pagr] }"),
      /no such receiver; got pagr; did you mean "pager"\?/,
    ],
    [
      "unknown label",
      routes("{ match: { severty: P0 }, receivers: [chat] }"),
      /no alert has such a label; did you mean "severity"\?/,
    ],
    [
      "unknown severity",
      routes("{ match: { severity: p0 }, receivers: [chat] }"),
      /must be one of P0, P1, P2; got p0; did you mean "P0"/,
    ],
    [
      "unknown label to group by",
      routes("{ receivers: [chat], group_by: [upstrem] }"),
      /did you mean "upstream"/,
    ],
    [
      "same route twice",
      routes(
        "{ match: { team: shop }, receivers: [chat] }, { match: { team: shop }, receivers: [] }",
      ),
      /never reached: route 0/,
    ],
    [
      "too long an interval",
      rules('r: { when: "error_ratio(api) > 1%", severity: P2, interval: 5m }'),
      /interval: is above 1m/,
    ],
    [
      "unknown upstream in a condition",
      rules('r: { when: "error_ratio(upstream=apy) > 1%", severity: P0 }'),
      /there is no upstream "apy"; did you mean "api"/,
    ],
    [
      "no severity",
      rules('r: { when: "error_ratio(api) > 1%" }'),
      /severity: must be one of P0, P1, P2|severity: is required/,
    ],
    [
      "unknown placeholder",
      rules('r: { when: "error_ratio(api) > 1%", severity: P0, summary: "at {{valeu}}" }'),
      /{{valeu}} means nothing here; did you mean "value"/,
    ],
    [
      "own label",
      rules('r: { when: "error_ratio(api) > 1%", severity: P0, labels: { severity: x } }'),
      /is a label of Evenkeel's own/,
    ],
    ["no kind", receivers("r: { send_resolved: true }"), /exactly one of pagerduty, .*it has none/],
    [
      "two kinds",
      receivers('r: { slack: { url: "https://a.b/" }, alertmanager: { url: "http://a" } }'),
      /it has slack and alertmanager/,
    ],
    ["no key", receivers("r: { pagerduty: {} }"), /needs routing_key or routing_key_file/],
    [
      "user without password",
      receivers("r: { email: { from: a@b.c, to: a@b.c, host: h, user: x } }"),
      /needs password or password_file/,
    ],
    [
      "password without user",
      receivers("r: { email: { from: a@b.c, to: a@b.c, host: h, password: x } }"),
      /no user/,
    ],
    ["text message without body", receivers('r: { sms: { url: "https://a.b/" } }'), /needs body/],
    [
      "body with GET",
      receivers('r: { webhook: { url: "https://a.b/", method: GET, body: x } }'),
      /not sent with GET/,
    ],
    [
      "unknown word in a body",
      receivers(
        'r: { webhook: { url: "https://a.b/", body: "{{sumary}}" , content_type: text/plain } }',
      ),
      /did you mean "summary"/,
    ],
    [
      "body that is no JSON",
      receivers(`r: { webhook: { url: "https://a.b/", body: '{"a": {{summary}}}' } }`),
      /is not JSON when it is filled in/,
    ],
    [
      "user and token",
      receivers('r: { webhook: { url: "https://a.b/", user: u, password: p, token: t } }'),
      /both user and token/,
    ],
    [
      "secret twice",
      receivers(`r: { pagerduty: { routing_key: ${key}, routing_key_file: k } }`),
      /can't be written together with routing_key/,
    ],
    [
      "window without a time",
      windows("match: {}"),
      /needs either cron and duration, or from and to/,
    ],
    ["window without an end", windows('from: "2027-03-01T22:00:00Z"'), /needs to/],
    [
      "window that ends first",
      windows('from: "2027-03-01T22:00:00Z", to: "2027-03-01T21:00:00Z"'),
      /is not after from/,
    ],
    ["window without a length", windows('cron: "0 2 * * *"'), /needs duration/],
    ["bad cron", windows('cron: "0 25 * * *", duration: 1h'), /maintenance\[0\]\.cron/],
    [
      "bad time zone",
      windows('cron: "0 2 * * *", duration: 1h, timezone: Europe/Atlantis'),
      /maintenance\[0\]\.timezone/,
    ],
    [
      "time without a zone",
      windows('from: "2027-03-01T22:00:00", to: "2027-03-02T22:00:00Z"'),
      /a time with its zone/,
    ],
  ];
  for (const [name, text, problem] of cases) {
    test(name, () => {
      const problems = problemsOf(text, { readText: () => key });
      assert.equal(problems.length, 1, problems.join("\n"));
      assert.match(problems[0]!, problem);
    });
  }
});

describe("what surprises is warned of:", () => {
  const listen = "listeners: { w: 80 }\nroutes: [{ upstream: api }]\n";
  const cases: readonly (readonly [name: string, text: string, warning: RegExp])[] = [
    [
      "looks too seldom",
      rules('r: { when: "error_ratio(api) > 1% for 3 x 5s", severity: P2, interval: 15s }'),
      /longer than the 5s that the condition counts by/,
    ],
    [
      "P0 for nobody",
      rules('r: { when: "error_ratio(api) > 1%", severity: P0 }'),
      /there is no receiver: nobody is called/,
    ],
    [
      "password in the open",
      receivers(
        "r: { email: { from: a@b.c, to: a@b.c, host: mail.example, user: u, password: p, tls: off } }",
      ).replace("off", '"off"'),
      /sends the password unencrypted/,
    ],
    [
      "address in the open",
      receivers('r: { webhook: { url: "http://hooks.example/" } }'),
      /without encryption/,
    ],
  ];
  for (const [name, text, warning] of cases) {
    test(name, () => {
      const warnings = warningsOf(listen + text);
      assert.equal(warnings.length, 1, warnings.join("\n"));
      assert.match(warnings[0]!, warning);
    });
  }
});

describe("what docs/alerts.md shows", () => {
  const page = readFileSync(join(import.meta.dirname, "../../../../../docs/alerts.md"), "utf8");
  const blocks = [...page.matchAll(/^```yaml\n([^]*?)^```$/gm)].map(([, text = ""]) => text);
  const readText = (file: string): string =>
    file.endsWith("pagerduty.key") ? key : file.endsWith(".url") ? "https://hooks.example/x" : "s";

  for (const [at, text] of blocks.entries()) {
    test(`block ${at + 1} is sound`, () => assert.deepEqual(problemsOf(text, { readText }), []));
  }

  test("are the usual rules and all kinds of receivers", () => {
    assert.ok(blocks.length >= 4);
    const { rules } = desire(blocks[0]!).alerts;
    assert.deepEqual(
      rules.map(({ condition }) => condition.text),
      [
        "5xx_ratio(upstream=api) > 0.5% for 3 x 15s",
        "p95(route=query) > 500ms for 5m",
        "gc_pause(process=worker, instance=*) > 2s",
        "available_ratio(api) < 100% for 10m",
      ],
    );
    const { receivers } = configure(blocks[2]!, { readText }).alerts;
    const kinds = Object.values(receivers).flatMap((receiver) => Object.keys(receiver));
    assert.deepEqual(kinds.toSorted(), [
      "alertmanager",
      "email",
      "pagerduty",
      "slack",
      "sms",
      "webhook",
    ]);
  });
});
