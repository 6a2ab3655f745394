/** The configuration of `npm start` and `evenkeel quick-start`. */

/** Where the quick start listens. */
export interface QuickStartPorts {
  readonly web: number;
  readonly admin: number;
}

/** A small file that a newcomer can read and keep, with one endpoint per port on loopback. */
export function quickStartConfig(
  instancePorts: readonly number[],
  { web, admin }: QuickStartPorts = { web: 8080, admin: 9900 },
): string {
  const endpoints = instancePorts.map((port) => `      - 127.0.0.1:${port}\n`).join("");
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

# Named groups of endpoints, and how one of them is chosen.
upstreams:
  app:
    balance: round_robin # or least_conn, two_choices, least_time, ip_hash, hash, random, first
    endpoints:
${endpoints}    # Asks every endpoint how it is. Two failures in a row take it out, two passes bring it back.
    health_check:
      path: /healthz
      interval: 2s
      timeout: 1s
      unhealthy_threshold: 2

# Status, metrics and commands: http://127.0.0.1:${admin}/status and /metrics.
admin: { bind: "127.0.0.1:${admin}" }
`;
}
