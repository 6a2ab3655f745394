/**
 * HAProxy as a proxy: one thread, origin connections shared by all clients.
 */
import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { freePort } from "../../../test/support/free-port.ts";
import { startDaemon, temporaryFolder } from "../daemon.ts";
import { commandPath, pinProxy, versionOf } from "../measure/machine.ts";
import type { Peer, RunningPeer, Setup } from "./peer.ts";

const LOG_FORMAT =
  '{"timestamp":"%[date,utime(%Y-%m-%dT%H:%M:%SZ)]","level":"info","service_name":"haproxy",' +
  '"client":"%ci","method":"%HM","uri":"%[capture.req.uri,json(utf8s)]","status":%ST,"bytes":%B,' +
  '"duration":%Ta,"endpoint":"%s","endpoint_duration":%Tr,"request_id":"%ID"}';

/** HAProxy, when it is installed. */
export const haproxy: Peer = {
  name: "HAProxy",
  hasAccessLog: true,
  missing: () => (commandPath("haproxy") === undefined ? "haproxy is not installed" : undefined),
  version: () => versionOf([commandPath("haproxy") ?? "haproxy", "-v"], /version ([\d.]+)/),
  start,
};

async function start(setup: Setup): Promise<RunningPeer> {
  const dir = temporaryFolder("haproxy");
  const port = await freePort();
  const accessLog = join(dir, "access.log");
  writeFileSync(
    join(dir, "haproxy.cfg"),
    `global
  nbthread 1
  maxconn 12000
  no strict-limits
  ${setup.accessLog ? "log stdout format raw local0 info" : ""}
defaults
  mode http
  http-reuse always
  timeout connect 5s
  timeout client 1h
  timeout server 60s
  timeout http-keep-alive 1h
  ${setup.accessLog ? `log global\n  unique-id-format %{+X}o%ci%cp%ts%rt\n  log-format '${LOG_FORMAT}'` : ""}
frontend web
  bind 127.0.0.1:${port} backlog 4096
  option forwardfor
  http-request set-header X-Real-IP %[src]
  http-request set-header X-Forwarded-Proto http
  http-request set-header X-Forwarded-Host %[req.hdr(host)]
  default_backend origins
backend origins
  balance roundrobin
${setup.originPorts.map((origin, index) => `  server o${index} 127.0.0.1:${origin}`).join("\n")}
`,
  );
  const run = [commandPath("haproxy")!, "-db", "-f", join(dir, "haproxy.cfg")];
  // HAProxy has no log to a file of its own: its standard output is one here.
  const command = setup.accessLog
    ? ["sh", "-c", `exec "$@" >'${accessLog}'`, "sh", ...pinProxy(), ...run]
    : [...pinProxy(), ...run];
  const daemon = await startDaemon({ name: "haproxy", command, port, dir });
  return {
    port,
    pids: () => [daemon.pid],
    logBytes: () => statSync(accessLog).size,
    [Symbol.asyncDispose]: () => daemon[Symbol.asyncDispose](),
  };
}
