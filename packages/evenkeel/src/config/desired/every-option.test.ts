import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { configurationSchema } from "../reference/json-schema.ts";
import { SlotAllocator } from "../slots.ts";
import { configure } from "../testing/configure.ts";
import { keysOf } from "../testing/keys-of.ts";
import { toDesired } from "./to-desired.ts";

// An accepted option that goes nowhere would be a lie. So every key of the schema has a row here:
// where it stands, what is there without it, and what is there with it.

const drilled = `listeners: { web: 80 }
upstreams: { u: { endpoints: ["h:1", "h:2"] }, v: {} }
routes: [{ name: r, upstream: u }]
processes: { b: { command: x }, p: { command: x } }
recovery_plans: { p: { trigger: up < 1, steps: [{ action: drain }] } }
alerts: { receivers: { r: { alertmanager: { url: "http://h" } } } }
`;

/** Files around the text that a row puts at its place. */
const frames = {
  top: (keys: string) => keys,
  listener: (keys: string) => `listeners: { web: { bind: 80, ${keys} } }`,
  route: (keys: string) =>
    `listeners: { web: 80 }\nupstreams: { u: {}, v: {} }\nroutes: [{ ${keys} }]`,
  forward: (keys: string) => frames.route(`path: /p, upstream: u, ${keys}`),
  upstream: (keys: string) => `upstreams: { u: { endpoints: ["h:1", "h:2"], ${keys} } }`,
  endpoint: (keys: string) => `upstreams: { u: { endpoints: [{ address: "h:1", ${keys} }] } }`,
  http: (keys: string) => frames.upstream(`health_check: { ${keys} }`),
  tcp: (keys: string) => frames.upstream(`health_check: { protocol: tcp, ${keys} }`),
  process: (keys: string) =>
    `upstreams: { u: {}, v: {} }\nprocesses: { b: { command: x }, p: { ${keys} } }`,
  program: (keys: string) => frames.process(`command: x, ${keys}`),
  plan: (keys: string) => `processes: { b: { command: x } }\nrecovery_plans: { p: { ${keys} } }`,
  step: (keys: string) => frames.plan(`trigger: up < 1, steps: [{ ${keys} }]`),
  limited: (keys: string) =>
    frames.plan(`trigger: up < 1, steps: [{ action: drain }], limits: { ${keys} }`),
  drill: (keys: string) =>
    `${drilled}drills: { d: { steady_state: available(u) > 0, faults: { fault: kill, process: b }, ${keys} } }`,
  drillOfAll: (keys: string) => `${drilled}drills: { d: { ${keys} } }`,
  fault: (keys: string) =>
    `${drilled}drills: { d: { steady_state: available(u) > 0, faults: { ${keys} } } }`,
  alerts: (keys: string) => `upstreams: { u: {} }\nalerts: { ${keys} }`,
  rule: (keys: string) => frames.alerts(`rules: { r: { when: "available(u) < 1", ${keys} } }`),
  receiver: (keys: string) => frames.alerts(`receivers: { r: { ${keys} } }`),
  mail: (keys: string) => frames.receiver(`email: { from: a@b, to: c@d, host: h, ${keys} }`),
  hook: (keys: string) => frames.receiver(`webhook: { url: "https://h/", ${keys} }`),
  message: (keys: string) => frames.receiver(`sms: { url: "https://h/", body: b, ${keys} }`),
  told: (keys: string) =>
    frames.alerts(`receivers: { r: { alertmanager: { url: "http://h" } } }, routes: [{ ${keys} }]`),
  window: (keys: string) => frames.alerts(`maintenance: [{ ${keys} }]`),
  hash: (keys: string) => frames.upstream(`balance: { policy: hash, ${keys} }`),
  sticky: (keys: string) => frames.upstream(`sticky: { ${keys} }`),
};

type Row = readonly [frame: keyof typeof frames, before: string, after: string];

const matchers = (key: string): Record<string, Row> => ({
  [`routes[].${key}.<name>.exact`]: [
    "forward",
    `${key}: { a: { exact: x } }`,
    `${key}: { a: { exact: y } }`,
  ],
  [`routes[].${key}.<name>.prefix`]: [
    "forward",
    `${key}: { a: { exact: x } }`,
    `${key}: { a: { prefix: x } }`,
  ],
  [`routes[].${key}.<name>.regex`]: [
    "forward",
    `${key}: { a: { exact: x } }`,
    `${key}: { a: { regex: x } }`,
  ],
  [`routes[].${key}.<name>.present`]: [
    "forward",
    `${key}: { a: { present: true } }`,
    `${key}: { a: { present: false } }`,
  ],
});

const simple = (prefix: string, frame: keyof typeof frames, keys: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(keys).map(([key, value]): [string, Row] => [
      `${prefix}${key}`,
      [
        frame,
        "",
        key
          .split(".")
          .reduceRight((inner, step) => `{ ${step}: ${inner} }`, value)
          .slice(2, -2),
      ],
    ]),
  );

const hookRows = (kind: "webhook" | "sms", frame: "hook" | "message"): Record<string, Row> => ({
  ...Object.fromEntries(
    Object.entries({
      headers: "{ a: x }",
      content_type: "text/plain",
      token: "x",
      token_file: "x",
      user: "x, password: y",
    }).map(([key, value]): [string, Row] => [
      `alerts.receivers.<name>.${kind}.${key}`,
      [frame, "", `${key}: ${value}`],
    ]),
  ),
  [`alerts.receivers.<name>.${kind}.method`]: [frame, "", "method: PUT"],
  [`alerts.receivers.<name>.${kind}.password`]: [
    frame,
    "user: x, password: x",
    "user: x, password: y",
  ],
  [`alerts.receivers.<name>.${kind}.password_file`]: [
    frame,
    "user: x, password: x",
    "user: x, password_file: y",
  ],
  [`alerts.receivers.<name>.${kind}.url`]: [
    "receiver",
    `${kind}: { url: "https://h/", method: GET }`,
    `${kind}: { url: "https://i/", method: GET }`,
  ],
  [`alerts.receivers.<name>.${kind}.url_file`]: [
    "receiver",
    `${kind}: { url: "https://h/", method: GET }`,
    `${kind}: { url_file: url, method: GET }`,
  ],
});

const rows: Readonly<Record<string, Row>> = {
  ...simple("", "top", {
    workers: "7",
    service_name: "x",
    via_name: "x",
    sticky_secret: "x",
    sticky_secret_file: "x",
    "log.level": "warn",
    "shutdown.grace": "1s",
    "admin.bind": '"127.0.0.1:1"',
    "admin.token": "x",
    "admin.token_file": "x",
    state_dir: "x",
    "history.keep_days": "7",
    "history.keep_incidents": "70",
  }),
  service_name: ["top", "access_log: {}", "access_log: {}\nservice_name: x"],
  "access_log.format": ["top", "access_log: {}", "access_log: { format: combined }"],
  "access_log.path": ["top", "access_log: {}", "access_log: { path: a.log }"],
  ...Object.fromEntries(
    [
      "header",
      "body",
      "keep_alive",
      "send",
      "total",
      "connect",
      "first_byte",
      "idle",
      "tunnel_idle",
    ].map((key): [string, Row] => [
      `timeouts.${key}`,
      ["top", frames.forward(""), `${frames.forward("")}\ntimeouts: { ${key}: 7s }`],
    ]),
  ),
  ...Object.fromEntries(
    ["request_line", "headers", "header_count", "requests_per_connection", "body", "uri"].map(
      (key): [string, Row] => [
        `limits.${key}`,
        ["top", frames.forward(""), `${frames.forward("")}\nlimits: { ${key}: 7 }`],
      ],
    ),
  ),
  trusted_proxies: [
    "top",
    "listeners: { a: 80 }",
    "listeners: { a: 80 }\ntrusted_proxies: [10.0.0.1]",
  ],
  "listeners.<name>.bind": ["top", "listeners: { a: 80 }", "listeners: { a: 81 }"],
  ...simple("listeners.<name>.", "listener", {
    max_connections: "7",
    abort_on_close: "true",
    trusted_proxies: "[10.0.0.1]",
    "forwarded.x_forwarded": "false",
    "forwarded.forwarded": "true",
    "forwarded.request_id": "off",
    "forwarded.via": "false",
    "limits.request_line": "7",
    "limits.headers": "7",
    "limits.header_count": "7",
    "limits.requests_per_connection": "7",
    "timeouts.header": "7s",
    "timeouts.body": "7s",
    "timeouts.keep_alive": "7s",
    "timeouts.send": "7s",
  }),
  "routes[].path.exact": ["route", "upstream: u, path: /a", "upstream: u, path: { exact: /a }"],
  "routes[].path.prefix": ["route", "upstream: u", "upstream: u, path: { prefix: /a }"],
  "routes[].path.regex": ["route", "upstream: u, path: /a", "upstream: u, path: { regex: /a }"],
  "routes[].upstream": ["route", "upstream: u", "upstream: v"],
  ...matchers("headers"),
  ...matchers("query"),
  ...matchers("cookies"),
  ...simple("routes[].", "forward", {
    name: "x",
    listener: "web",
    host: "x",
    method: "GET",
    client: "10.0.0.0/8",
    "rewrite.strip_prefix": "true",
    "rewrite.replace_prefix": "/x",
    "rewrite.replace_path": "/x",
    "rewrite.host": "x",
    "request_headers.set": "{ a: x }",
    "request_headers.add": "{ a: [x, y] }",
    "request_headers.remove": "x",
    "response_headers.set": "{ a: x }",
    "response_headers.add": "{ a: x }",
    "response_headers.remove": "[x]",
    timeout: "7s",
    "timeouts.total": "7s",
    "timeouts.connect": "7s",
    "timeouts.first_byte": "7s",
    "timeouts.idle": "7s",
    "timeouts.tunnel_idle": "7s",
    "retry.attempts": "7",
    "retry.on": "[503]",
    "retry.replay": "7",
    "retry.answer": "7",
    "retry.non_idempotent": "true",
    "retry.attempt_timeout": "7s",
    "hedge.after": "7s",
    "limits.body": "7",
    "limits.uri": "7",
    allow: "10.0.0.0/8",
    deny: "10.0.0.0/8",
    "rate_limit.rate": "7/s",
  }),
  "routes[].rate_limit.burst": [
    "forward",
    "rate_limit: { rate: 1/s }",
    "rate_limit: { rate: 1/s, burst: 7 }",
  ],
  "routes[].rate_limit.key": [
    "forward",
    "rate_limit: { rate: 1/s }",
    "rate_limit: { rate: 1/s, key: route }",
  ],
  "routes[].rate_limit.max_keys": [
    "forward",
    "rate_limit: { rate: 1/s }",
    "rate_limit: { rate: 1/s, max_keys: 7 }",
  ],
  "routes[].redirect.status": [
    "route",
    "redirect: { host: x }",
    "redirect: { host: x, status: 308 }",
  ],
  "routes[].redirect.scheme": [
    "route",
    "redirect: { host: x }",
    "redirect: { host: x, scheme: https }",
  ],
  "routes[].redirect.host": ["route", "redirect: { host: x }", "redirect: { host: y }"],
  "routes[].redirect.port": ["route", "redirect: { host: x }", "redirect: { host: x, port: 81 }"],
  "routes[].redirect.strip_prefix": [
    "route",
    "path: /a, redirect: { host: x }",
    "path: /a, redirect: { host: x, strip_prefix: true }",
  ],
  "routes[].redirect.replace_prefix": [
    "route",
    "path: /a, redirect: { host: x }",
    "path: /a, redirect: { host: x, replace_prefix: /b }",
  ],
  "routes[].redirect.replace_path": [
    "route",
    "redirect: { host: x }",
    "redirect: { host: x, replace_path: /b }",
  ],
  "routes[].respond.status": ["route", "respond: {}", "respond: { status: 404 }"],
  "routes[].respond.headers": ["route", "respond: {}", "respond: { headers: { a: x } }"],
  "routes[].respond.body": ["route", "respond: {}", "respond: { body: x }"],
  "upstreams.<name>.balance.policy": ["upstream", "", "balance: { policy: first }"],
  "upstreams.<name>.balance.decay": [
    "upstream",
    "balance: least_time",
    "balance: { policy: least_time, decay: 7s }",
  ],
  "upstreams.<name>.balance.key": ["hash", "key: path", "key: [path, client]"],
  "upstreams.<name>.balance.algorithm": ["hash", "key: path", "key: path, algorithm: ketama"],
  "upstreams.<name>.balance.bounded_load": ["hash", "key: path", "key: path, bounded_load: 125%"],
  "upstreams.<name>.endpoints[].address": [
    "top",
    'upstreams: { u: { endpoints: ["h:1"] } }',
    'upstreams: { u: { endpoints: [{ address: "h:2" }] } }',
  ],
  ...simple("upstreams.<name>.endpoints[].", "endpoint", {
    weight: "7",
    backup: "true",
    max_conns: "7",
    max_fails: "7",
    fail_timeout: "7s",
  }),
  ...simple("upstreams.<name>.health_check.", "http", {
    path: "/x",
    method: "HEAD",
    host: "x",
    headers: "{ a: x }",
    expected_status: "[200, 300-302]",
    expected_body: "x",
    port: "7",
    interval: "7s",
    timeout: "7s",
    unhealthy_threshold: "7",
    healthy_threshold: "7",
    fast_interval: "700ms",
    jitter: "7%",
  }),
  "upstreams.<name>.health_check.protocol": [
    "upstream",
    "health_check: {}",
    "health_check: { protocol: tcp }",
  ],
  "upstreams.<name>.health_check.send": ["tcp", "", "send: x"],
  "upstreams.<name>.health_check.expect": ["tcp", "", "expect: x"],
  "upstreams.<name>.health_check.command": [
    "upstream",
    "health_check: { protocol: command, command: [a] }",
    "health_check: { protocol: command, command: [a, b] }",
  ],
  "upstreams.<name>.slow_start.window": ["upstream", "", "slow_start: { window: 7s }"],
  "upstreams.<name>.slow_start.min_percent": [
    "upstream",
    "slow_start: 7s",
    "slow_start: { window: 7s, min_percent: 7% }",
  ],
  "upstreams.<name>.metric_health[].when": [
    "upstream",
    "metric_health: { when: p99 > 1s, then: { weight: 25% } }",
    "metric_health: { when: p99 > 2s, then: { weight: 25% } }",
  ],
  "upstreams.<name>.metric_health[].min_requests": [
    "upstream",
    "metric_health: { when: p99 > 1s, then: { weight: 25% } }",
    "metric_health: { when: p99 > 1s, then: { weight: 25% }, min_requests: 7 }",
  ],
  "upstreams.<name>.metric_health[].then.weight": [
    "upstream",
    "metric_health: { when: p99 > 1s, then: { weight: 25% } }",
    "metric_health: { when: p99 > 1s, then: { weight: 26% } }",
  ],
  "upstreams.<name>.metric_health[].then.step": [
    "upstream",
    "metric_health: { when: p99 > 1s, then: { weight: 25% } }",
    "metric_health: { when: p99 > 1s, then: { weight: 25%, step: 7% } }",
  ],
  "upstreams.<name>.metric_health[].then.eject": [
    "upstream",
    "metric_health: { when: p99 > 1s, then: { eject: 10s } }",
    "metric_health: { when: p99 > 1s, then: { eject: 7s } }",
  ],
  "prometheus.url": ["top", "", 'prometheus: { url: "http://h:1" }'],
  ...Object.fromEntries(
    ["interval: 7s", "timeout: 7s", "headers: { a: x }"].map((option): [string, Row] => [
      `prometheus.${option.split(":")[0]}`,
      ["top", 'prometheus: { url: "http://h:1" }', `prometheus: { url: "http://h:1", ${option} }`],
    ]),
  ),
  ...simple("upstreams.<name>.", "upstream", {
    max_conns: "7",
    hold: "7s",
    panic_threshold: "off",
    failure_statuses: "500",
    "ejection.consecutive_failures": "7",
    "ejection.failure_ratio": "7%",
    "ejection.min_requests": "7",
    "ejection.window": "7s",
    "ejection.base": "7s",
    "ejection.max": "70s",
    "ejection.max_ejected": "7%",
    "queue.max": "7",
    "queue.timeout": "7s",
    "circuit_breaker.max_connections": "7",
    "circuit_breaker.max_pending": "7",
    "circuit_breaker.max_requests": "7",
    "circuit_breaker.max_retries": "7",
    "retry_budget.percent": "7%",
    "retry_budget.min": "7",
    "pool.max_idle": "7",
    "pool.idle_timeout": "7s",
    "pool.max_requests": "7",
    "limits.response_headers": "7",
    "limits.response_header_count": "7",
  }),
  ...Object.fromEntries(
    Object.entries({
      ratio: "7%",
      min_requests: "7",
      window: "7s",
      open: "7s",
      half_open_requests: "7",
    }).map(([key, value]): [string, Row] => [
      `upstreams.<name>.circuit_breaker.error.${key}`,
      [
        "upstream",
        "circuit_breaker: { error: {} }",
        `circuit_breaker: { error: { ${key}: ${value} } }`,
      ],
    ]),
  ),
  "recovery.mode": [
    "top",
    frames.step("action: drain"),
    `recovery: { mode: dry_run }\n${frames.step("action: drain")}`,
  ],
  ...simple("", "top", { "recovery.freeze_after": "7 in 7m", "recovery.freeze_below": "7%" }),
  "recovery_plans.<name>.trigger.alert": [
    "plan",
    "trigger: { alert: a }, steps: [{ action: drain }]",
    "trigger: { alert: b }, steps: [{ action: drain }]",
  ],
  "recovery_plans.<name>.trigger.labels": [
    "plan",
    "trigger: { alert: a }, steps: [{ action: drain }]",
    "trigger: { alert: a, labels: { x: y } }, steps: [{ action: drain }]",
  ],
  ...Object.fromEntries(
    Object.entries({
      on_failure: "x",
      on_success: "x",
      mode: "dry_run",
      proven_within_days: "7",
    }).map(([key, value]): [string, Row] => [
      `recovery_plans.<name>.${key}`,
      [
        "plan",
        "trigger: up < 1, steps: [{ action: drain }]",
        `trigger: up < 1, steps: [{ action: drain }], ${key}: ${value}`,
      ],
    ]),
  ),
  ...simple("recovery_plans.<name>.limits.", "limited", {
    max_attempts: "7",
    cooldown: "7s",
    grace: "7s",
    verify_within: "7s",
    max_concurrent: "7",
    max_unavailable: "7",
    rate: "7 in 7m",
  }),
  ...Object.fromEntries(
    Object.entries<readonly [before: string, after: string]>({
      action: ["action: drain", "action: eject"],
      target: ["action: drain", "action: drain, target: b"],
      timeout: ["action: drain", "action: drain, timeout: 7s"],
      retries: ["action: drain", "action: drain, retries: 7"],
      verify: ["action: drain", "action: drain, verify: up == 1"],
      undo: ["action: drain", "action: drain, undo: false"],
      endpoint: ["action: verify_health, endpoint: /", "action: verify_health, endpoint: /x"],
      expected: [
        "action: verify_health, endpoint: /",
        "action: verify_health, endpoint: /, expected: 204",
      ],
      condition: ["action: verify, condition: up == 1", "action: verify, condition: up > 0"],
      weight: ["action: set_weight, weight: 7", "action: set_weight, weight: 8"],
      instances: [
        "action: scale, target: b, instances: 7",
        'action: scale, target: b, instances: "+7"',
      ],
      command: ["action: run, command: [x]", "action: run, command: [x, y]"],
      env: ["action: run, command: [x]", "action: run, command: [x], env: { a: x }"],
      cwd: ["action: run, command: [x]", "action: run, command: [x], cwd: /tmp"],
      url: ['action: http, url: "http://a"', 'action: http, url: "http://b"'],
      method: ['action: http, url: "http://a"', 'action: http, url: "http://a", method: PUT'],
      headers: [
        'action: http, url: "http://a"',
        'action: http, url: "http://a", headers: { a: x }',
      ],
      body: ['action: http, url: "http://a"', 'action: http, url: "http://a", body: x'],
      for: ["action: wait, for: 7s", "action: wait, for: 8s"],
      receivers: [
        "action: notify, message: x, receivers: x",
        "action: notify, message: x, receivers: y",
      ],
      message: [
        "action: notify, message: x, receivers: x",
        "action: notify, message: y, receivers: x",
      ],
      question: ["action: approve, question: x", "action: approve, question: y"],
      otherwise: ["action: approve, question: x", "action: approve, question: x, otherwise: go"],
    }).map(([key, [before, after]]): [string, Row] => [
      `recovery_plans.<name>.steps[].${key}`,
      ["step", before, after],
    ]),
  ),
  "processes.<name>.command": ["process", "command: x", "command: [x, y]"],
  ...simple("processes.<name>.", "program", {
    cwd: "x",
    // The one account that is everywhere, so that the test needs no rights.
    user: `"${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}"`,
    env: "{ A: x }",
    umask: '"027"',
    instances: "7",
    upstream: "u",
    weight: "7",
    host: "x",
    ports: "9100-9107",
    priority: "7",
    depends_on: "b",
    autostart: "false",
    "ready.command": "[x]",
    "ready.notify": "true",
    "ready.uptime": "7s",
    "restart.policy": "never",
    "restart.expected_exit_codes": "[7]",
    "restart.delays": "[7s]",
    "restart.jitter": "7%",
    "restart.limit": "7 in 7m",
    "restart.then": "stop",
    "restart.slow": "7m",
    "restart.reset_after": "7s",
    "stop.drain": "7s",
    "stop.signal": "INT",
    "stop.timeout": "7s",
    "stop.group": "false",
    memory: "7MiB",
    metrics: "/x",
    "logs.dir": "x",
    "logs.separate": "true",
    "logs.rotate.size": "7MiB",
    "logs.rotate.every": "7h",
    "logs.rotate.keep": "7",
    "logs.rotate.gzip": "true",
  }),
  "processes.<name>.ready.http": [
    "program",
    "ports: auto, ready: tcp",
    "ports: auto, ready: { http: /x }",
  ],
  "processes.<name>.ready.tcp": ["program", "ports: auto", "ports: auto, ready: { tcp: true }"],
  "processes.<name>.ready.expect": [
    "program",
    "ports: auto, ready: { http: /x }",
    "ports: auto, ready: { http: /x, expect: 204 }",
  ],
  "processes.<name>.ready.timeout": [
    "program",
    "ready: notify",
    "ready: { notify: true, timeout: 7s }",
  ],
  "processes.<name>.ready.interval": [
    "program",
    "ready: { command: x }",
    "ready: { command: x, interval: 7s }",
  ],
  "alerts.rules.<name>.when": [
    "alerts",
    'rules: { r: { when: "available(u) < 1", severity: P0 } }',
    'rules: { r: { when: "available(u) < 2", severity: P0 } }',
  ],
  "alerts.rules.<name>.severity": ["rule", "severity: P0", "severity: P1"],
  ...Object.fromEntries(
    Object.entries({
      interval: "7s",
      keep_firing: "7s",
      summary: "x",
      runbook: "x",
      labels: "{ a: x }",
    }).map(([key, value]): [string, Row] => [
      `alerts.rules.<name>.${key}`,
      ["rule", "severity: P0", `severity: P0, ${key}: ${value}`],
    ]),
  ),
  "alerts.receivers.<name>.send_resolved": [
    "receiver",
    'alertmanager: { url: "http://h" }',
    'alertmanager: { url: "http://h" }, send_resolved: false',
  ],
  "alerts.receivers.<name>.alertmanager.url": [
    "receiver",
    'alertmanager: { url: "http://h" }',
    'alertmanager: { url: "http://i" }',
  ],
  "alerts.receivers.<name>.pagerduty.routing_key": [
    "receiver",
    "pagerduty: { routing_key: 0123456789abcdef0123456789abcdef }",
    "pagerduty: { routing_key: f123456789abcdef0123456789abcdef }",
  ],
  "alerts.receivers.<name>.pagerduty.routing_key_file": [
    "receiver",
    "pagerduty: { routing_key: f123456789abcdef0123456789abcdef }",
    "pagerduty: { routing_key_file: key }",
  ],
  "alerts.receivers.<name>.pagerduty.url": [
    "receiver",
    "pagerduty: { routing_key: f123456789abcdef0123456789abcdef }",
    'pagerduty: { routing_key: f123456789abcdef0123456789abcdef, url: "https://x/enqueue" }',
  ],
  "alerts.receivers.<name>.slack.url": [
    "receiver",
    'slack: { url: "https://x/" }',
    'slack: { url: "https://y/" }',
  ],
  "alerts.receivers.<name>.slack.url_file": [
    "receiver",
    'slack: { url: "https://x/" }',
    "slack: { url_file: url }",
  ],
  "alerts.receivers.<name>.slack.channel": [
    "receiver",
    'slack: { url: "https://x/" }',
    'slack: { url: "https://x/", channel: "#x" }',
  ],
  "alerts.receivers.<name>.email.from": [
    "receiver",
    "email: { from: a@b, to: c@d, host: h }",
    "email: { from: b@b, to: c@d, host: h }",
  ],
  "alerts.receivers.<name>.email.to": [
    "receiver",
    "email: { from: a@b, to: c@d, host: h }",
    "email: { from: a@b, to: [c@d, e@f], host: h }",
  ],
  "alerts.receivers.<name>.email.host": [
    "receiver",
    "email: { from: a@b, to: c@d, host: h }",
    "email: { from: a@b, to: c@d, host: i }",
  ],
  "alerts.receivers.<name>.email.port": ["mail", "", "port: 7"],
  "alerts.receivers.<name>.email.tls": ["mail", "", 'tls: "off"'],
  "alerts.receivers.<name>.email.user": ["mail", "", "user: x, password: y"],
  "alerts.receivers.<name>.email.password": [
    "mail",
    "user: x, password: x",
    "user: x, password: y",
  ],
  "alerts.receivers.<name>.email.password_file": [
    "mail",
    "user: x, password: x",
    "user: x, password_file: y",
  ],
  ...hookRows("webhook", "hook"),
  ...hookRows("sms", "message"),
  "alerts.receivers.<name>.sms.body": [
    "receiver",
    'sms: { url: "https://h/", body: b }',
    'sms: { url: "https://h/", body: c }',
  ],
  "alerts.receivers.<name>.webhook.body": ["hook", "", "body: '{}'"],
  "alerts.routes[].match": ["told", "receivers: r", "receivers: r, match: { severity: P0 }"],
  "alerts.routes[].receivers": ["told", "receivers: []", "receivers: r"],
  ...Object.fromEntries(
    ["group_wait", "group_interval", "repeat"].map((key): [string, Row] => [
      `alerts.routes[].${key}`,
      ["told", "receivers: r", `receivers: r, ${key}: 7s`],
    ]),
  ),
  "alerts.routes[].group_by": ["told", "receivers: r", "receivers: r, group_by: [severity]"],
  ...Object.fromEntries(
    [
      ["name", "cron: 0 2 * * *, duration: 1h", "name: n, "],
      ["match", "cron: 0 2 * * *, duration: 1h", "name: m, match: { severity: P1 }, "],
    ].map(([key = "", rest = "", front = ""]): [string, Row] => [
      `alerts.maintenance[].${key}`,
      ["window", `name: m, ${rest}`, `${front}${rest}`],
    ]),
  ),
  "alerts.maintenance[].cron": [
    "window",
    "name: m, cron: 0 2 * * *, duration: 1h",
    "name: m, cron: 0 3 * * *, duration: 1h",
  ],
  "alerts.maintenance[].timezone": [
    "window",
    "name: m, cron: 0 2 * * *, duration: 1h",
    "name: m, cron: 0 2 * * *, duration: 1h, timezone: Europe/Berlin",
  ],
  "alerts.maintenance[].duration": [
    "window",
    "name: m, cron: 0 2 * * *, duration: 1h",
    "name: m, cron: 0 2 * * *, duration: 2h",
  ],
  "alerts.maintenance[].from": [
    "window",
    'name: m, from: "2027-03-01T22:00:00Z", to: "2027-03-02T22:00:00Z"',
    'name: m, from: "2027-03-01T21:00:00Z", to: "2027-03-02T22:00:00Z"',
  ],
  "alerts.maintenance[].to": [
    "window",
    'name: m, from: "2027-03-01T22:00:00Z", to: "2027-03-02T22:00:00Z"',
    'name: m, from: "2027-03-01T22:00:00Z", to: "2027-03-03T22:00:00Z"',
  ],
  ...simple("drills.<name>.", "drill", {
    schedule: "0 10 * * 2",
    abort_if: "available(u) < 1",
    max_duration: "7s",
    "expect.detected_within": "7s",
    "expect.recovered_within": "7s",
    "expect.errors": "7%",
    "expect.plan": "p",
    report: "r",
  }),
  "drills.<name>.timezone": [
    "drill",
    "schedule: 0 10 * * 2",
    "schedule: 0 10 * * 2, timezone: Europe/Berlin",
  ],
  "drills.<name>.steady_state": [
    "drillOfAll",
    "steady_state: available(u) > 0, faults: { fault: kill, process: b }",
    "steady_state: available(u) > 1, faults: { fault: kill, process: b }",
  ],
  ...Object.fromEntries(
    Object.entries<readonly [before: string, after: string]>({
      fault: ["fault: kill, process: b", "fault: exit, process: b"],
      process: ["fault: kill, process: b", "fault: kill, process: p"],
      at: ["fault: kill, process: b", "fault: kill, process: b, at: 7s"],
      for: ["fault: hang, for: 1s", "fault: hang, for: 7s"],
      upstream: ["fault: hang, for: 1s", "fault: hang, for: 1s, upstream: u"],
      endpoint: [
        "fault: hang, for: 1s, upstream: u",
        'fault: hang, for: 1s, upstream: u, endpoint: "h:1"',
      ],
      route: ["fault: hang, for: 1s", "fault: hang, for: 1s, route: r"],
      header: ["fault: hang, for: 1s", "fault: hang, for: 1s, header: x-drill"],
      percent: ["fault: hang, for: 1s", "fault: hang, for: 1s, percent: 7%"],
      pick: ["fault: hang, for: 1s, upstream: u", "fault: hang, for: 1s, upstream: u, pick: 1"],
      delay: ["fault: latency, for: 1s, delay: 1s", "fault: latency, for: 1s, delay: 7s"],
      jitter: [
        "fault: latency, for: 1s, delay: 1s",
        "fault: latency, for: 1s, delay: 1s, jitter: 7ms",
      ],
      status: ["fault: abort, for: 1s", "fault: abort, for: 1s, status: 500"],
      rate: ["fault: bandwidth, for: 1s, rate: 1k", "fault: bandwidth, for: 1s, rate: 7k"],
    }).map(([key, [before, after]]): [string, Row] => [
      `drills.<name>.faults[].${key}`,
      ["fault", before, after],
    ]),
  ),
  ...simple("upstreams.<name>.sticky.", "sticky", {
    cookie: "x",
    max_age: "7s",
    path: "/x",
    domain: "x",
    secure: "true",
    http_only: "false",
    same_site: "strict",
  }),
};

/** Some files must hold what they are for. */
function fromFile(file: string): string {
  if (file.endsWith("/key")) return "0123456789abcdef0123456789abcdef";
  return file.endsWith("/url") ? "https://from.a.file/" : "from a file";
}

const allKeys = [...new Set(keysOf(configurationSchema()))];
const leaves = allKeys.filter(
  (key) => !allKeys.some((other) => other.startsWith(`${key}.`) || other.startsWith(`${key}[]`)),
);

test("every key of the schema is tried here", () => {
  assert.deepEqual(
    leaves.filter((key) => !rows[key]),
    [],
  );
  assert.ok(leaves.length > 140);
});

describe("an option makes a difference:", () => {
  const checkpoint = new SlotAllocator().checkpoint();
  const desired = (frame: keyof typeof frames, keys: string) => {
    const config = configure(frames[frame](keys), { readText: fromFile });
    return toDesired(config, new SlotAllocator(checkpoint), 1);
  };

  for (const [key, [frame, before, after]] of Object.entries(rows)) {
    test(key, () => {
      assert.ok(leaves.includes(key), "no such key");
      assert.notDeepEqual(desired(frame, after), desired(frame, before));
    });
  }
});

describe("short forms mean their long forms:", () => {
  const cases: readonly Row[] = [
    ["top", "listeners: { a: 8080 }", 'listeners: { a: { bind: "0.0.0.0:8080" } }'],
    ["top", 'listeners: { a: "[::1]:8080" }', 'listeners: { a: { bind: ["[::1]:8080"] } }'],
    ["forward", "retry: off", "retry: { attempts: 0 }"],
    ["forward", "retry: 1", "retry: { attempts: 1 }"],
    ["forward", "timeout: 7s", "timeouts: { total: 7s }"],
    ["route", "respond: 404", "respond: { status: 404 }"],
    ["route", "path: /a, upstream: u", "path: { prefix: /a }, upstream: u"],
    ["forward", "headers: { a: x }", "headers: { A: { exact: x } }"],
    ["upstream", "balance: least_time", "balance: { policy: least_time }"],
    ["upstream", "slow_start: 5s", "slow_start: { window: 5s }"],
    ["upstream", "sticky: c", "sticky: { cookie: c }"],
    ["upstream", "failure_statuses: 503", "failure_statuses: [503]"],
    ["endpoint", "fail_timeout: 5s", "fail_timeout: 5s, max_fails: 1"],
    ["endpoint", "max_fails: 5", "fail_timeout: 10s, max_fails: 5"],
    ["forward", "rate_limit: { rate: 90/m }", "rate_limit: { rate: 1.5/s, burst: 2, key: client }"],
  ];
  for (const [frame, short, long] of cases) {
    test(short, () => {
      const slots = new SlotAllocator().checkpoint();
      const desired = (keys: string) =>
        toDesired(configure(frames[frame](keys)), new SlotAllocator(slots), 1);
      assert.deepEqual(desired(short), desired(long));
    });
  }
});
