/**
 * The three nginx origins behind every proxy under test.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { freePorts } from "../../test/support/free-port.ts";
import { type Daemon, startDaemon, temporaryFolder } from "./daemon.ts";
import { commandPath, pinLoad } from "./measure/machine.ts";
import { nginxTempPaths, nginxUser } from "./peers/nginx-folder.ts";

/** Size of the small answer. */
export const SMALL_BYTES = 66;
/** Size of the answer at `/large`. */
export const LARGE_BYTES = 2 ** 20;
/** Where an origin answers with the forwarded headers it got. */
export const HEADERS_PATH = "/headers";

/** Running origins; `await using` ends them. */
export interface Origins extends AsyncDisposable {
  /** Ports of every address in 127.0.0.0/8. */
  readonly ports: readonly number[];
}

/** Starts `count` nginx processes with one worker each. Each answers any path with 66 bytes that
 * begin with its number, `/large` with 1 MiB and `/headers` with what it was told of the client. */
export async function startOrigins(count = 3): Promise<Origins> {
  const daemons: Daemon[] = [];
  const ports = await freePorts(count);
  for (const [index, port] of ports.entries()) daemons.push(await startOriginAt(port, index));
  return {
    ports,
    async [Symbol.asyncDispose]() {
      for (const daemon of daemons) await daemon[Symbol.asyncDispose]();
    },
  };
}

/** The small answer of one origin. */
export function smallBody(index: number): string {
  return `origin ${index} `.padEnd(SMALL_BYTES - 1, ".") + "\n";
}

async function startOriginAt(port: number, index: number): Promise<Daemon> {
  const nginx = commandPath("nginx");
  if (nginx === undefined) throw new Error("nginx is needed as origin and is not installed");
  const dir = temporaryFolder(`origin${index}`);
  mkdirSync(join(dir, "www"));
  writeFileSync(join(dir, "www/large"), Buffer.alloc(LARGE_BYTES, "x"));
  writeFileSync(
    join(dir, "nginx.conf"),
    `daemon off;
pid ${dir}/nginx.pid;
error_log ${dir}/error.log;
worker_processes 1;
${nginxUser(dir)}
events { worker_connections 16384; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_timeout 3600s;
  keepalive_requests 1000000000;
  ${nginxTempPaths(dir)}
  server {
    listen 0.0.0.0:${port} backlog=4096;
    default_type text/plain;
    location / { return 200 "${smallBody(index).replace("\n", "\\n")}"; }
    location = /large { root ${dir}/www; }
    location = ${HEADERS_PATH} {
      return 200 "$http_x_real_ip|$http_x_forwarded_for|$http_x_forwarded_proto|$http_x_forwarded_host";
    }
  }
}
`,
  );
  return await startDaemon({
    name: `origin ${index}`,
    command: [...pinLoad(), nginx, "-p", dir, "-c", `${dir}/nginx.conf`, "-e", `${dir}/error.log`],
    port,
    dir,
  });
}
