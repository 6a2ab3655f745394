/** Which keys there are at a path, which were probably meant, and which are not there yet. */
import type { z } from "zod";
import { root } from "./schema/root.ts";
import { writtenAs } from "./schema/variants.ts";

/** The keys a map at the path may have, over all ways to write it; empty where none is known. */
export function knownKeys(path: readonly PropertyKey[]): readonly string[] {
  let schemas = expand(root);
  for (const step of path)
    schemas = schemas.flatMap((schema) => child(schema, step)).flatMap(expand);
  const keys = schemas.flatMap((schema) => Object.keys(definition(schema).shape ?? {}));
  return [...new Set(keys)];
}

/** What other balancers call things. */
export const synonyms: Readonly<Record<string, string>> = {
  backends: "upstreams",
  clusters: "upstreams",
  pools: "upstreams",
  services: "upstreams",
  servers: "endpoints",
  targets: "endpoints",
  instances: "endpoints",
  frontends: "listeners",
  entrypoints: "listeners",
  listen: "bind",
  backend: "upstream",
  cluster: "upstream",
  pool: "upstream",
  service: "upstream",
  proxy_pass: "upstream",
  use_backend: "upstream",
  default_backend: "upstream",
  location: "path",
  server_name: "host",
  proxy_set_header: "request_headers",
  add_header: "response_headers",
  limit_req: "rate_limit",
  client_max_body_size: "body",
  proxy_connect_timeout: "connect",
  keepalive_timeout: "keep_alive",
  keepalive: "pool",
  cookie: "sticky",
  slowstart: "slow_start",
  server: "address",
  lb_policy: "balance",
  algorithm: "balance",
  healthcheck: "health_check",
  maxconn: "max_conns",
  outlier_detection: "ejection",
  passive: "ejection",
  rise: "healthy_threshold",
  fall: "unhealthy_threshold",
  inter: "interval",
  return: "respond",
  hosts: "host",
  paths: "path",
  methods: "method",
  listeners: "listener",
  directory: "cwd",
  working_directory: "cwd",
  environment: "env",
  numprocs: "instances",
  replicas: "instances",
  autorestart: "restart",
  exitcodes: "expected_exit_codes",
  startretries: "limit",
  backoff: "delays",
  startsecs: "uptime",
  stopsignal: "signal",
  stopwaitsecs: "timeout",
  stopasgroup: "group",
  killasgroup: "group",
  stdout_logfile: "logs",
  stderr_logfile: "logs",
  programs: "processes",
};

/** What supervisord calls things that stand deeper here. */
const deeper: Readonly<Record<string, string>> = {
  startsecs: "ready: { uptime: … }",
  startretries: "restart: { limit: … }",
  exitcodes: "restart: { expected_exit_codes: … }",
  stopsignal: "stop: { signal: … }",
  stopwaitsecs: "stop: { timeout: … }",
  stopasgroup: "stop: { group: … }",
  killasgroup: "stop: { group: … }",
  redirect_stderr: "logs: { separate: … } (one file for both is the default)",
  stdout_logfile: "logs: { dir: … }",
  stderr_logfile: "logs: { separate: true }",
  stdout_logfile_maxbytes: "logs: { rotate: { size: … } }",
  stdout_logfile_backups: "logs: { rotate: { keep: … } }",
  process_name: "instances: … (they are called NAME.1, NAME.2, …)",
  numprocs_start: "instances: … (they are counted from 1)",
};

/** How a key of a process in supervisord's words is written here, where it stands deeper. */
export function meantDeeper(path: readonly PropertyKey[], key: string): string | undefined {
  return path.length === 2 && path[0] === "processes" ? deeper[key] : undefined;
}

const later: Readonly<Record<string, string>> = {
  tls: "TLS is not supported in this version",
  protocol: "protocol is not supported in this version: every listener speaks HTTP/1.1",
  upstream: "TCP listeners are not supported in this version: routes name the upstream",
};

/** A sentence for keys of a listener that are planned and would be dangerous to ignore. */
export function unsupported(path: readonly PropertyKey[], key: string): string | undefined {
  if (path.length === 2 && path[0] === "listeners") return later[key];
  if (path.length === 2 && path[0] === "upstreams") {
    if (key === "discover") return "discovery is not supported in this version: list the endpoints";
    if (key === "tls") return later[key];
  }
  return undefined;
}

/** The parts of zod's definitions that lead to other schemas. */
interface Definition {
  readonly innerType?: z.ZodType;
  readonly in?: z.ZodType;
  readonly out?: z.ZodType;
  readonly element?: z.ZodType;
  readonly valueType?: z.ZodType;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
}

function definition(schema: z.ZodType): Definition {
  return schema._zod.def as unknown as Definition;
}

/** The maps and lists that a schema may stand for. */
function expand(schema: z.ZodType): z.ZodType[] {
  const members = schema.meta()?.[writtenAs] as readonly z.ZodType[] | undefined;
  if (members) return members.flatMap(expand);
  const { innerType, in: from, out } = definition(schema);
  if (innerType) return expand(innerType);
  if (from && out) return [...expand(from), ...expand(out)];
  return [schema];
}

function child(schema: z.ZodType, step: PropertyKey): z.ZodType[] {
  const { element, shape, valueType } = definition(schema);
  const next = typeof step === "number" ? element : (shape?.[String(step)] ?? valueType);
  return next ? [next] : [];
}
