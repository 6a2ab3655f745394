/**
 * Caddy as a proxy, bound to one processor's worth of Go.
 */
import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { freePort } from "../../../test/support/free-port.ts";
import { startDaemon, temporaryFolder } from "../daemon.ts";
import { commandPath, pinProxy, versionOf } from "../measure/machine.ts";
import type { Peer, RunningPeer, Setup } from "./peer.ts";

/** Caddy, when it is installed. It adds X-Forwarded-For and -Proto by itself. */
export const caddy: Peer = {
  name: "Caddy",
  hasAccessLog: true,
  missing: () => (commandPath("caddy") === undefined ? "caddy is not installed" : undefined),
  version: () => versionOf([commandPath("caddy") ?? "caddy", "version"], /v?([\d.]+)/),
  start,
};

async function start(setup: Setup): Promise<RunningPeer> {
  const dir = temporaryFolder("caddy");
  const port = await freePort();
  const accessLog = join(dir, "access.log");
  const origins = setup.originPorts.map((origin) => `127.0.0.1:${origin}`).join(" ");
  writeFileSync(
    join(dir, "Caddyfile"),
    `{
  admin off
  auto_https off
}
http://:${port} {
  bind 127.0.0.1
  ${setup.accessLog ? `log {\n    output file ${accessLog}\n    format json\n  }` : ""}
  reverse_proxy ${origins} {
    lb_policy round_robin
    header_up X-Real-IP {remote_host}
    transport http {
      keepalive 1h
      keepalive_idle_conns_per_host 64
    }
  }
}
`,
  );
  const daemon = await startDaemon({
    name: "caddy",
    command: [
      ...pinProxy(),
      commandPath("caddy")!,
      "run",
      "--config",
      join(dir, "Caddyfile"),
      "--adapter",
      "caddyfile",
    ],
    port,
    dir,
    env: { GOMAXPROCS: "1", HOME: dir, XDG_DATA_HOME: dir, XDG_CONFIG_HOME: dir },
  });
  return {
    port,
    pids: () => [daemon.pid],
    logBytes: () => statSync(accessLog).size,
    [Symbol.asyncDispose]: () => daemon[Symbol.asyncDispose](),
  };
}
