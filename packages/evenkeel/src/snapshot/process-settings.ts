/** Processes that Evenkeel runs, as the configuration asks for them. */
import type { ProbeSettings } from "./desired.ts";

/** One entry of `processes`: a program and how many instances of it there are. */
export interface ProcessSettings {
  readonly name: string;
  /** Argument vector; `{{port}}`, `{{instance}}`, `{{process}}` are filled in per instance, here and
   * in `env` and `cwd`. */
  readonly command: readonly string[];
  /** Absolute. */
  readonly cwd: string;
  /** Added to what the child inherits: PATH, HOME, LANG, TZ and TMPDIR, and nothing else. */
  readonly env: Readonly<Record<string, string>>;
  /** Ids; undefined runs as Evenkeel does. */
  readonly user: { readonly uid: number; readonly gid: number } | undefined;
  /** 0 to 0o777; undefined inherits. */
  readonly umask: number | undefined;
  readonly instances: number;
  /** The upstream its ready instances are endpoints of; undefined for none. */
  readonly upstream: string | undefined;
  /** Of its endpoints. */
  readonly weight: number;
  /** The address its endpoints are reached at. */
  readonly host: string;
  /** Ports to choose from, in order; empty takes free ports from the system. Undefined: no port. */
  readonly ports: readonly number[] | undefined;
  /** Lower starts first and stops last. */
  readonly priority: number;
  /** Names of processes that must be ready before this one starts. */
  readonly dependsOn: readonly string[];
  readonly autostart: boolean;
  readonly ready: ReadySettings;
  readonly restart: RestartSettings;
  readonly stop: StopSettings;
  /** An instance with more resident memory is replaced; undefined: no bound. */
  readonly memoryBytes: number | undefined;
  /** Page of Prometheus metrics of each instance, such as `/metrics`; undefined: none. */
  readonly metricsPath: string | undefined;
  readonly logs: ProcessLogSettings;
  /** Changes with anything that needs new instances to take effect: command, cwd, env, user, umask,
   * host, ports, log paths. */
  readonly fingerprint: string;
}

/** When an instance counts as ready. */
export type ReadySettings = { readonly timeoutMs: number } & (
  | { readonly kind: "probe"; readonly probe: ProbeSettings; readonly intervalMs: number }
  /** A line feed on the file descriptor named in EVENKEEL_READY_FD (as s6 has it). */
  | { readonly kind: "notify" }
  /** It has stayed up this long (supervisord's startsecs); `timeoutMs` is then not used. */
  | { readonly kind: "uptime"; readonly uptimeMs: number }
);

export interface RestartSettings {
  readonly policy: "always" | "unexpected" | "never";
  /** Exits that are expected. */
  readonly expectedExitCodes: readonly number[];
  /** Before each restart in a row, the last one repeats; at least one. */
  readonly delaysMs: readonly number[];
  /** 0 to 100: lengthens each delay by up to this much. */
  readonly jitterPercent: number;
  /** More restarts than this within the window are a crash loop; undefined: no bound. */
  readonly limit: { readonly count: number; readonly windowMs: number } | undefined;
  /** In a crash loop: go on at `slowMs`, or stop for good. */
  readonly then: "slow" | "stop";
  readonly slowMs: number;
  /** Up this long, the row of restarts is over. */
  readonly resetAfterMs: number;
}

export interface StopSettings {
  /** How long requests in flight may take to finish first; 0: no wait. */
  readonly drainMs: number;
  readonly signal: NodeJS.Signals;
  /** After the signal; then KILL. */
  readonly timeoutMs: number;
  /** Signals go to the whole process group. */
  readonly group: boolean;
}

export interface ProcessLogSettings {
  /** Absolute folder; one file per instance, `INSTANCE.log`, takes both outputs unless `separate`. */
  readonly dir: string;
  /** Standard error has its own file, `INSTANCE.err.log`. */
  readonly separate: boolean;
  /** 0: never by size. */
  readonly rotateBytes: number;
  /** 0: never by time. */
  readonly rotateEveryMs: number;
  /** Rotated files kept per instance. */
  readonly keep: number;
  readonly gzip: boolean;
}
