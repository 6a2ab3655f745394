/** The health table as control, admin and the command line see it. */
import type { UpstreamHealth } from "../snapshot/desired.ts";

/** What an endpoint may do, all judgements merged. Worst first where several apply. */
export type HealthState =
  /** The operator took it out. */
  | "ejected_by_operator"
  /** The process it stands for is not there or not ready. */
  | "stopped"
  /** Bound clients only: the operator drains it, or its process is about to stop. */
  | "draining"
  /** Its check failed often enough. */
  | "unhealthy"
  /** Its answers failed, or a signal asked for it; out for a time. */
  | "ejected"
  /** New, its first check is still to come. */
  | "probing"
  /** nginx's accounting holds it back (`max_fails`). */
  | "failed"
  /** Full traffic is being built up. */
  | "warming"
  | "healthy";

export interface EndpointHealth {
  readonly upstream: string;
  readonly endpoint: string;
  readonly slot: number;
  readonly state: HealthState;
  /** Plain words: why it is in this state, and why its weight is lowered where a signal does that. */
  readonly reason: string;
  /** Wall clock, milliseconds since the epoch. */
  readonly sinceMs: number;
  /** When it may return by itself; undefined where nothing is scheduled. */
  readonly untilMs: number | undefined;
  /** Takes new requests now (panic included). */
  readonly available: boolean;
  /** The weight in force: configured or the operator's, times slow start and `signal`. */
  readonly weight: number;
  readonly configuredWeight: number;
  readonly operatorWeight: number | undefined;
  /** The share of its weight that a signal leaves it; undefined: all of it. */
  readonly signal: SignalWeight | undefined;
  readonly lastCheck:
    | {
        readonly passed: boolean;
        readonly atMs: number;
        readonly tookMs: number;
        readonly detail: string;
      }
    | undefined;
  /** In a row, less one for every ejection window it has been back since; the next time out is one
   * more times the base. */
  readonly timesEjected: number;
  /** All the times its answers or a signal took it out since the endpoint is known; never
   * forgiven. */
  readonly ejections: number;
}

/** A lowered weight. */
export interface SignalWeight {
  /** Above 0, below 100. */
  readonly percent: number;
  readonly reason: string;
}

/** What became of the process an endpoint stands for; `reason` is one plain sentence. */
export interface ProcessFact {
  readonly state: "ready" | "draining" | "stopped";
  readonly reason: string;
}

/** A change of state; what logs, metrics and later recovery listen to. */
export interface HealthChange {
  readonly upstream: string;
  readonly endpoint: string;
  readonly from: HealthState;
  readonly to: HealthState;
  readonly reason: string;
  readonly atMs: number;
}

export type OperatorCommand =
  | { readonly kind: "drain" | "undrain" | "eject" | "restore" }
  /** 0 to 65535; undefined returns to the configured weight. */
  | { readonly kind: "weight"; readonly weight: number | undefined };

/** The one health table. Lives in control; everything it decides is written to the board. */
export interface HealthTable {
  /** Carries over every endpoint that is still there (by upstream and name), adds and drops the
   * rest. Checks of new endpoints start at once. */
  apply(upstreams: readonly UpstreamHealth[]): void;
  /** False where there is no such upstream or endpoint. */
  command(upstream: string, endpoint: string, command: OperatorCommand): boolean;
  /** What became of the process an endpoint stands for; `draining` leaves bound clients and requests
   * in flight to it. Whoever is ready after it was stopped starts with a clean slate: its first check
   * is due at once, ejections and lowered weights are forgotten. Endpoints nobody says this of have no
   * process; `undefined` says that one has none any more. False as above. */
  process(upstream: string, endpoint: string, fact: ProcessFact | undefined): boolean;
  /** What a signal asks for: a share of the weight (percent above 0, 100: all of it). One voice,
   * that of `metric_health`: whoever else wants another weight gives a command. False as above. */
  signalWeight(upstream: string, endpoint: string, percent: number, reason: string): boolean;
  /** Out for a time (at most an hour) because of a signal, within the floors of passive ejection. One
   * that is ejected already stays so for the longer of both times. False where there is no such
   * endpoint, it takes no traffic anyway, or a floor forbids it. */
  signalEject(upstream: string, endpoint: string, forMs: number, reason: string): boolean;
  /** In configuration order. */
  list(): readonly EndpointHealth[];
  /** Upstreams in panic now. */
  panicking(): readonly string[];
  /** Plain data that `createHealthTable` takes back after a crash. */
  checkpoint(): unknown;
  /** Ends all timers and cancels running checks; resolves when nothing is left. */
  close(): Promise<void>;
}
