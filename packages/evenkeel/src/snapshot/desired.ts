/**
 * Everything one configuration file asks for: the proxies' snapshot and what control itself needs.
 * Made by config, carried out by control.
 */
import type { AlertSettings } from "./alert-settings.ts";
import type { DrillSettings } from "./drill-settings.ts";
import type { RecoverySettings } from "./plan-settings.ts";
import type { ProcessSettings } from "./process-settings.ts";
import type { SignalSettings } from "./signal-settings.ts";
import type { Snapshot } from "./snapshot.ts";

export interface Desired {
  readonly snapshot: Snapshot;
  /** One per upstream of the snapshot, in the same order. */
  readonly health: readonly UpstreamHealth[];
  readonly admin: AdminSettings;
  readonly log: {
    readonly level: "debug" | "info" | "warn" | "error";
    /** `service_name` in every line. */
    readonly serviceName: string;
  };
  /** Proxy threads; fixed at start. */
  readonly workers: number;
  readonly shutdown: { readonly graceMs: number };
  /** Absolute folder for what must outlive the program: ledger, incidents, instances, logs. */
  readonly stateDir: string;
  readonly history: {
    /** How long closed incidents and finished operations are kept. */
    readonly keepMs: number;
    /** Incidents kept at most. */
    readonly keepIncidents: number;
  };
  readonly processes: readonly ProcessSettings[];
  readonly signals: SignalSettings;
  readonly recovery: RecoverySettings;
  readonly alerts: AlertSettings;
  readonly drills: readonly DrillSettings[];
}

export interface AdminSettings {
  readonly host: string;
  readonly port: number;
  /** Required for anything but loopback; sent as `Authorization: Bearer …`. Never logged. */
  readonly token: string | undefined;
}

/** How one upstream's endpoints are judged. */
export interface UpstreamHealth {
  readonly upstream: string;
  /** The upstream's row in the board, for its generation word. */
  readonly slot: number;
  readonly endpoints: readonly {
    readonly name: string;
    readonly slot: number;
    readonly host: string;
    readonly port: number;
    readonly weight: number;
    readonly backup: boolean;
    readonly maxFails: number | undefined;
    readonly failTimeoutMs: number;
  }[];
  readonly check: HealthCheckSettings | undefined;
  readonly ejection: EjectionSettings;
  readonly slowStart: SlowStartSettings | undefined;
  /** Below this percentage of available endpoints all that are not drained get traffic; 0: never. */
  readonly panicPercent: number;
}

export type ProbeSettings =
  | {
      readonly protocol: "http";
      readonly method: "GET" | "HEAD" | "OPTIONS" | "POST";
      readonly path: string;
      /** The Host header; undefined sends the endpoint's address. */
      readonly host: string | undefined;
      readonly headers: readonly (readonly [name: string, value: string])[];
      /** Inclusive ranges. */
      readonly expectedStatuses: readonly (readonly [from: number, to: number])[];
      /** Must occur in the first 256 KiB of the body. */
      readonly expectedBody: string | undefined;
    }
  | {
      readonly protocol: "tcp";
      readonly send: string | undefined;
      readonly expect: string | undefined;
    }
  /** Argument vector; `{{host}}` and `{{port}}` are filled in; exit code 0 passes. */
  | { readonly protocol: "command"; readonly command: readonly string[] };

export interface HealthCheckSettings {
  readonly probe: ProbeSettings;
  /** Checks another port than the endpoint's; undefined checks the endpoint's own. */
  readonly port: number | undefined;
  readonly intervalMs: number;
  /** While thresholds are being counted in either direction. */
  readonly fastIntervalMs: number;
  readonly timeoutMs: number;
  readonly healthyThreshold: number;
  readonly unhealthyThreshold: number;
  /** 0 to 100: spreads every interval by up to this much either way. */
  readonly jitterPercent: number;
}

export interface EjectionSettings {
  readonly enabled: boolean;
  readonly consecutiveFailures: number;
  /** Ejects when of at least `minRequests` in `windowMs` at least this share (0 to 1) failed. */
  readonly failureRatio: number;
  readonly minRequests: number;
  readonly windowMs: number;
  /** First time out; grows by as much each further time in a row. */
  readonly baseMs: number;
  readonly maxMs: number;
  readonly maxEjectedPercent: number;
}

export interface SlowStartSettings {
  readonly windowMs: number;
  /** Where the ramp starts: percent of the weight. */
  readonly minPercent: number;
}
