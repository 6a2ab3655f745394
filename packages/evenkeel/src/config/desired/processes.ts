/** Processes as the supervisor gets them. */
import { join, resolve } from "node:path";
import type { ProbeSettings } from "../../snapshot/desired.ts";
import type {
  ProcessLogSettings,
  ProcessSettings,
  ReadySettings,
  RestartSettings,
} from "../../snapshot/process-settings.ts";
import { type Accounts, findUser, readAccounts } from "../accounts.ts";
import type { Config } from "../config.ts";
import { portsOf } from "../process-ports.ts";
import type { ProcessConfig, ReadyConfig, RestartConfig } from "../schema/process.ts";
import { digest } from "./fingerprint.ts";

/** In configuration order. Looks users up where there are any. */
export function toProcesses(config: Config): readonly ProcessSettings[] {
  const processes = Object.entries(config.processes);
  const accounts = processes.some(([, { user }]) => user) ? readAccounts() : undefined;
  return processes.map(([name, written]) => toProcess(name, written, config, accounts));
}

function toProcess(
  name: string,
  written: ProcessConfig,
  config: Config,
  accounts: Accounts | undefined,
): ProcessSettings {
  const ports = portsOf(written);
  const ready = toReady(written.ready ?? defaultReady(written));
  const logs = toLogs(written, config);
  const { stop } = written;
  const born = {
    command: written.command,
    cwd: resolve(config.folder, written.cwd ?? "."),
    ...toAccount(written, accounts),
    umask: written.umask,
    host: written.host,
    ports,
  };
  return {
    name,
    ...born,
    instances: written.instances,
    upstream: written.upstream,
    weight: written.weight,
    priority: written.priority,
    dependsOn: written.depends_on,
    autostart: written.autostart,
    ready,
    restart: toRestart(written.restart),
    stop: {
      drainMs: stop.drain,
      signal: stop.signal,
      timeoutMs: stop.timeout,
      group: stop.group,
    },
    memoryBytes: written.memory === 0 ? undefined : written.memory,
    metricsPath: written.metrics,
    logs,
    // Nor can a running one be given a word for when it is ready, or learn that it serves.
    fingerprint: digest(
      JSON.stringify([
        born,
        logs.dir,
        logs.separate,
        ready.kind === "notify",
        written.upstream !== undefined,
      ]),
    ),
  };
}

/** Whom it runs as, and what tells the program so. */
function toAccount(
  { user, env }: ProcessConfig,
  accounts: Accounts | undefined,
): Pick<ProcessSettings, "user" | "env"> {
  const found = user && accounts && findUser(user, accounts);
  if (!found?.ok) return { user: undefined, env };
  const { uid, gid, account } = found;
  const own = account && { HOME: account.home, USER: account.name, LOGNAME: account.name };
  return { user: { uid, gid }, env: { ...own, ...env } };
}

const second = 1_000;

function defaultReady({ upstream }: ProcessConfig): ReadyConfig {
  const rest = { expect: [], timeout: 30 * second, interval: 100 };
  return upstream === undefined ? { ...rest, uptime: second } : { ...rest, tcp: true };
}

function toReady(ready: ReadyConfig): ReadySettings {
  const timeoutMs = ready.timeout;
  if (ready.notify) return { kind: "notify", timeoutMs };
  if (ready.uptime !== undefined) return { kind: "uptime", uptimeMs: ready.uptime, timeoutMs };
  return { kind: "probe", timeoutMs, intervalMs: ready.interval, probe: toProbe(ready) };
}

function toProbe({ http, expect, command }: ReadyConfig): ProbeSettings {
  if (command) return { protocol: "command", command };
  if (http === undefined) return { protocol: "tcp", send: undefined, expect: undefined };
  return {
    protocol: "http",
    method: "GET",
    path: http,
    host: undefined,
    headers: [],
    expectedStatuses: expect,
    expectedBody: undefined,
  };
}

function toRestart(restart: RestartConfig): RestartSettings {
  return {
    policy: restart.policy,
    expectedExitCodes: restart.expected_exit_codes,
    delaysMs: restart.delays,
    jitterPercent: restart.jitter,
    limit: restart.limit,
    // oxlint-disable-next-line no-thenable -- a word, not a function: nothing takes it for a promise
    then: restart.then,
    slowMs: restart.slow,
    resetAfterMs: restart.reset_after,
  };
}

function toLogs({ logs }: ProcessConfig, config: Config): ProcessLogSettings {
  return {
    dir: logs.dir === undefined ? join(config.state_dir, "logs") : resolve(config.folder, logs.dir),
    separate: logs.separate,
    rotateBytes: logs.rotate.size,
    rotateEveryMs: logs.rotate.every,
    keep: logs.rotate.keep,
    gzip: logs.rotate.gzip,
  };
}
