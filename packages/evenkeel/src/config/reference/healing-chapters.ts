/** What the reference page says of everything that acts by itself. */
import type { Chapter } from "./chapters.ts";

/** In the order of the page. */
export const healingChapters: readonly Chapter[] = [
  {
    path: "processes.<name>",
    title: "Processes",
    text: "Programs that Evenkeel runs: how they are started, watched and ended, and the upstream they serve. [processes.md](processes.md) tells it from the beginning.",
    example: `
upstreams:
  api: {}
processes:
  payment:
    command: [./payment, --port, "{{port}}"]
    instances: 3
    upstream: api
    ports: 9100-9103
    env: { LOG_LEVEL: info }
    ready: { http: /readyz }
    memory: 512MiB
  reports: { command: "./reports --queue 'night shift'", restart: unexpected, depends_on: payment }`,
  },
  {
    path: "processes.<name>.ready",
    title: "Readiness",
    text: "When an instance takes traffic, and when what depends on it may start. `notify` and `tcp` may stand alone.",
    example: `
upstreams:
  api: {}
processes:
  web: { command: ./web, upstream: api, ready: { http: /readyz, expect: 200, timeout: 20s } }
  worker: { command: ./worker, ready: notify }
  cache: { command: ./cache, ports: 9200, ready: { command: [./cache-ready, "{{port}}"] } }
  ticker: { command: ./ticker, ready: { uptime: 3s } }`,
  },
  {
    path: "processes.<name>.restart",
    title: "Restarts",
    text: "What follows an exit that nobody asked for. A policy may stand alone.",
    example: `
processes:
  api:
    command: ./api
    restart: { delays: [0s, 1s, 5s], limit: 10 in 5m, then: slow, slow: 1m, reset_after: 2m }
  import: { command: ./import, restart: { policy: unexpected, expected_exit_codes: [0, 2] } }
  migrate: { command: ./migrate, restart: never }`,
  },
  {
    path: "processes.<name>.stop",
    title: "Stopping",
    text: "First no new requests, then the signal, and at last KILL.",
    example: `
processes:
  api: { command: ./api, stop: { drain: 1m, signal: QUIT, timeout: 20s } }`,
  },
  {
    path: "processes.<name>.logs",
    title: "Output of processes",
    text: "Each instance has a file, `NAME.INDEX.log`. What it writes goes there without a detour, so that nothing is lost while Evenkeel itself is away.",
    example: `
processes:
  api: { command: ./api, logs: { dir: /var/log/api, separate: true, rotate: { size: 10MiB, every: 1d, keep: 14, gzip: true } } }`,
  },
  {
    path: "recovery_plans.<name>",
    title: "Recovery plans",
    text: "What is done by itself when something is wrong. After the last step the trigger is always read again. [recovery.md](recovery.md) tells it from the beginning.",
    example: `
processes:
  payment-worker: { command: ["./payment"], instances: 3 }
recovery_plans:
  payment-cpu:
    trigger: cpu_usage > 90% for 5m
    steps:
      - { action: restart_service, target: payment-worker, timeout: 120s }
      - { action: verify_health, endpoint: /health, expected: 200 }
    on_failure: escalate_to_pagerduty`,
  },
  {
    path: "recovery_plans.<name>.steps[]",
    title: "Steps",
    text: "`action` decides which other keys there are: `restart_service`, `verify_health`, `verify`, `drain`, `undrain`, `eject`, `set_weight`, `scale`, `rollback`, `run`, `http`, `wait`, `notify` or `approve`.",
    example: `
upstreams:
  api: { endpoints: ["10.0.0.1:8080", "10.0.0.2:8080", "10.0.0.3:8080"] }
recovery_plans:
  slow-endpoint:
    trigger: p99(upstream=api, endpoint=*) > 2s for 1m
    mode: approve
    steps:
      - { action: drain, target: api, verify: in_flight == 0, timeout: 30s }
      - { action: run, command: [./flush-cache, "{{object}}"], timeout: 1m }
      - { action: undrain, target: api }
      - { action: wait, for: 10s }`,
  },
  {
    path: "recovery_plans.<name>.limits",
    title: "Guard rails",
    text: "What keeps a plan from doing harm.",
    example: `
processes:
  payment: { command: ["./payment"], instances: 6 }
recovery_plans:
  hung:
    trigger: ready < 1 for 10s
    steps: [{ action: restart_service, target: payment }]
    limits: { max_attempts: 2, cooldown: 30s, grace: 5s, max_unavailable: 2, rate: 20 in 1h }`,
  },
  {
    path: "recovery",
    title: "All recovery plans",
    text: "What holds for all of them.",
    example: `
recovery: { mode: dry_run, freeze_after: 5 in 10m, freeze_below: 50% }`,
  },
  {
    path: "alerts",
    title: "Alerts",
    text: "When somebody is told, who, and when not. [alerts.md](alerts.md) tells it from the beginning.",
    example: `
upstreams:
  api: { endpoints: ["10.0.0.1:8080", "10.0.0.2:8080"] }
alerts:
  rules:
    high-errors:
      when: 5xx_ratio(upstream=api) > 0.5% for 3 x 15s
      severity: P0
      summary: "{{upstream}} answers {{value}} with 5xx"
      runbook: https://wiki.example/runbooks/api-errors
    slow: { when: "p95(upstream=api) > 500ms for 5m", severity: P1, labels: { team: shop } }
  receivers:
    pager: { pagerduty: { routing_key_file: pagerduty.key } }
    chat: { slack: { url_file: slack.url } }
  routes:
    - { match: { severity: P0 }, receivers: [pager, chat], group_by: [upstream] }
    - { match: { team: shop }, receivers: chat, group_wait: 1m, repeat: 12h }
  maintenance:
    - { name: nightly import, match: { upstream: api }, cron: 0 2 * * *, timezone: Europe/Berlin, duration: 1h }`,
  },
  {
    path: "alerts.rules.<name>",
    title: "Alert rules",
    text: "What it speaks of (an upstream, an endpoint, an instance) are labels of its alerts, beside `alert`, the rule's name, and `severity`.",
    example: `
processes:
  worker: { command: ./worker, instances: 3, metrics: /metrics }
alerts:
  rules:
    gc-pause: { when: gc_pause(process=worker) > 2s, severity: P1, keep_firing: 5m, summary: "{{instance}} paused for {{value}}" }`,
  },
  {
    path: "alerts.receivers.<name>",
    title: "Receivers",
    text: "Exactly one of the kinds. Secrets stand in files of their own.",
    example: `
alerts:
  receivers:
    pager: { pagerduty: { routing_key_file: pagerduty.key } }
    chat: { slack: { url_file: slack.url } }
    mail: { email: { from: lb@example.com, to: [ops@example.com], host: mail.example.com, user: lb, password_file: mail.password } }
    tickets: { webhook: { url: "https://tickets.example/api/new", token_file: tickets.token, body: '{"title": "{{summary}}", "text": "{{details}}"}' } }
    phone: { sms: { url: "https://sms.example/send", user: lb, password_file: sms.password, body: "To=%2B491234567&Text={{summary}}" } }
    am: { alertmanager: { url: "http://127.0.0.1:9093" } }`,
  },
  {
    path: "alerts.routes[]",
    title: "Alert routes",
    text: "The first that matches decides. Labels are `alert`, `severity`, what a rule speaks of, those that rules are given, and of what plans and drills tell `plan`, `drill`, `object` and `incident`.",
    example: `
alerts:
  receivers:
    chat: { slack: { url_file: slack.url } }
    mail: { email: { from: lb@example.com, to: ops@example.com, host: mail.example.com } }
  routes:
    - { match: { severity: P0 }, receivers: [chat, mail], group_by: off, repeat: 1h }
    - { match: { upstream: legacy }, receivers: [] }
    - { match: {}, receivers: mail, group_by: [alert, upstream], group_wait: 1m, group_interval: 10m, repeat: 1d }`,
  },
  {
    path: "alerts.maintenance[]",
    title: "Maintenance windows",
    text: "Either by `cron`, or once. Alerts fire all the same, and what still fires afterwards is told then.",
    example: `
alerts:
  maintenance:
    - { name: nightly import, match: { upstream: api }, cron: 0 2 * * *, timezone: Europe/Berlin, duration: 1h }
    - { name: new database, match: {}, from: "2027-03-01T22:00:00+01:00", to: "2027-03-02T02:00:00+01:00" }`,
  },
  {
    path: "drills.<name>",
    title: "Drills",
    text: "Faults on purpose, to see whether what should heal heals. [drills.md](drills.md) tells it from the beginning.",
    example: `
upstreams:
  api: { health_check: { path: /healthz } }
processes:
  app: { command: ./app, instances: 3, upstream: api }
drills:
  kill-one:
    schedule: "0 10 * * 2"
    timezone: Europe/London
    steady_state: available(api) >= 3
    faults: [{ fault: kill, process: app }]
    abort_if: error_ratio(api) > 5% for 3s
    expect: { detected_within: 5s, recovered_within: 30s, errors: 0.1% }`,
  },
  {
    path: "drills.<name>.faults[]",
    title: "Faults",
    text: "What goes wrong, and when. `fault` decides which other keys there are.",
    example: `
upstreams:
  api: { endpoints: ["10.0.0.1:8080", "10.0.0.2:8080", "10.0.0.3:8080"] }
drills:
  slow-one:
    steady_state: available(api) >= 3
    faults:
      - { fault: latency, upstream: api, pick: 1, percent: 50%, delay: 2s, jitter: 200ms, for: 30s }
      - { at: 10s, fault: abort, upstream: api, header: "x-drill: yes", status: 503, for: 20s }`,
  },
];
