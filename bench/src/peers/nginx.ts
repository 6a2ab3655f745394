/**
 * nginx as a proxy: one worker, 64 kept origin connections.
 */
import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { freePort } from "../../../test/support/free-port.ts";
import { startDaemon, temporaryFolder } from "../daemon.ts";
import { commandPath, pinProxy, versionOf } from "../measure/machine.ts";
import { childrenOf } from "../measure/process-time.ts";
import { nginxTempPaths, nginxUser } from "./nginx-folder.ts";
import type { Peer, RunningPeer, Setup } from "./peer.ts";

const LOG_FORMAT = `log_format json escape=json '{"timestamp":"$time_iso8601","level":"info",'
    '"service_name":"nginx","client":"$remote_addr","method":"$request_method","uri":"$request_uri",'
    '"status":$status,"bytes":$body_bytes_sent,"duration":$request_time,'
    '"endpoint":"$upstream_addr","endpoint_duration":"$upstream_response_time",'
    '"user_agent":"$http_user_agent","request_id":"$request_id"}';`;

/** How an nginx differs from the usual one. */
export interface NginxVariant {
  readonly name: string;
  /** More directives of the `http` block. */
  readonly http?: string;
}

/** An nginx with the given name and extra directives. */
export function createNginx(variant: NginxVariant = { name: "nginx" }): Peer {
  return {
    name: variant.name,
    hasAccessLog: true,
    missing: () => (commandPath("nginx") === undefined ? "nginx is not installed" : undefined),
    version: () => versionOf([commandPath("nginx") ?? "nginx", "-v"], /nginx\/([\d.]+)/),
    start: (setup) => start(setup, variant),
  };
}

async function start(setup: Setup, variant: NginxVariant): Promise<RunningPeer> {
  const dir = temporaryFolder("nginx");
  const port = await freePort();
  const nginx = commandPath("nginx")!;
  const accessLog = join(dir, "access.log");
  writeFileSync(
    join(dir, "nginx.conf"),
    `daemon off;
pid ${dir}/nginx.pid;
error_log ${dir}/error.log;
worker_processes 1;
worker_rlimit_nofile 20000;
${nginxUser(dir)}
events { worker_connections 16384; }
http {
  ${nginxTempPaths(dir)}
  ${setup.accessLog ? LOG_FORMAT : ""}
  access_log ${setup.accessLog ? `${accessLog} json buffer=64k flush=1s` : "off"};
  keepalive_timeout 3600s;
  keepalive_requests 1000000000;
  ${variant.http ?? ""}
  upstream origins {
    ${setup.originPorts.map((origin) => `server 127.0.0.1:${origin};`).join("\n    ")}
    keepalive 64;
    keepalive_requests 1000000000;
    keepalive_timeout 3600s;
  }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / {
      proxy_pass http://origins;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_set_header X-Real-IP $remote_addr;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-Host $host;
    }
  }
}
`,
  );
  const daemon = await startDaemon({
    name: variant.name,
    command: [...pinProxy(), nginx, "-p", dir, "-c", `${dir}/nginx.conf`, "-e", `${dir}/error.log`],
    port,
    dir,
  });
  return {
    port,
    pids: () => childrenOf(daemon.pid),
    logBytes: () => statSync(accessLog).size,
    [Symbol.asyncDispose]: () => daemon[Symbol.asyncDispose](),
  };
}
