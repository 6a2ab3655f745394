/** The configuration of `npm start` and `evenkeel quick-start`. */

/** Where the quick start listens. */
export interface QuickStartPorts {
  readonly web: number;
  readonly admin: number;
}

/** A small file that a newcomer can read and keep. `command` is one demo instance's argument vector,
 * without its number. */
export function quickStartConfig(
  command: readonly string[],
  { web, admin }: QuickStartPorts = { web: 8080, admin: 9900 },
): string {
  const words = [...command, "{{instance}}"].map((word) => JSON.stringify(word)).join(", ");
  return `# Evenkeel's quick start. Copy this file, change it, and run it with:
#   evenkeel check -c evenkeel.yaml     says what is wrong, before anybody notices
#   evenkeel run -c evenkeel.yaml       serves it; SIGHUP applies later changes
# All keys are explained in docs/configuration.md.

# Where clients connect.
listeners:
  web: { bind: "127.0.0.1:${web}" }

# Which request goes where. The most specific route wins, whatever the order.
routes:
  - { path: /, upstream: app }

# Named groups of endpoints, and how one of them is chosen. The endpoints of this one are the
# instances of a process below; addresses of instances that run elsewhere would stand in a list:
#   endpoints: [10.0.0.1:8080, 10.0.0.2:8080]
upstreams:
  app:
    balance: round_robin # or least_conn, two_choices, least_time, ip_hash, hash, random, first
    # Asks every endpoint how it is. Two failures in a row take it out, two passes bring it back.
    health_check:
      path: /healthz
      interval: 1s
      timeout: 500ms
      unhealthy_threshold: 2

# Programs that Evenkeel runs: it starts them, watches them and starts them again.
processes:
  app:
    command: [${words}]
    env: { PORT: "{{port}}" }
    instances: 3
    upstream: app
    ready: { http: /healthz }

# What is done when something is wrong that a restart after an exit does not heal: here an instance
# that was ready and still runs, but takes no traffic any more, because it hangs.
recovery_plans:
  replace-hung:
    trigger: (ready(upstream=app, endpoint=*) == 1 and available(upstream=app, endpoint=*) < 1) for 1s
    steps:
      - { action: restart_service, timeout: 30s }
      - { action: verify_health, endpoint: /healthz, expected: 200 }

# Faults on purpose, to see whether what should heal heals.
drills:
  kill-one:
    steady_state: "available(app) >= 3"
    faults: { fault: kill, process: app }
    expect: { detected_within: 2s, recovered_within: 10s, errors: 0.1% }
  freeze-one:
    steady_state: "available(app) >= 3"
    faults: { fault: stop, process: app, for: 15s }
    expect: { detected_within: 4s, recovered_within: 12s, errors: 0.1%, plan: replace-hung }

# Status, metrics and commands: http://127.0.0.1:${admin}/status and /metrics.
admin: { bind: "127.0.0.1:${admin}" }
`;
}
