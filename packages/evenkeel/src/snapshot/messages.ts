/** What crosses between the host and its threads. Everything else is on the board. */
import type { FaultSettings } from "./fault.ts";
import type { FromKeeper, ToKeeper } from "./keeper-messages.ts";
import type { Snapshot } from "./snapshot.ts";

/** Handed to a proxy thread at its start. */
export interface ProxyStart {
  readonly board: SharedArrayBuffer;
  readonly workers: number;
  readonly worker: number;
  readonly snapshot: Snapshot;
  /** In force when it starts. */
  readonly faults: readonly FaultSettings[];
  readonly log: HostSettings["log"];
}

export type ToProxy =
  /** All the faults in force from now on. */
  | { readonly kind: "faults"; readonly faults: readonly FaultSettings[] }
  /** `keepsRoutes`: the routes are those of the snapshot before, and left out of this one. */
  | { readonly kind: "snapshot"; readonly snapshot: Snapshot; readonly keepsRoutes: boolean }
  /** Stop accepting, finish what is in flight, then answer `drained`; at `deadlineMs` from now cut. */
  | { readonly kind: "drain"; readonly deadlineMs: number }
  | { readonly kind: "reopen_logs" }
  /** How it writes Evenkeel's own log from now on. */
  | { readonly kind: "log"; readonly log: HostSettings["log"] }
  /** Throw outside any handler: how drills and tests show that a dead proxy is replaced. */
  | { readonly kind: "crash" };

export type FromProxy =
  | { readonly kind: "ready" }
  /** `port` is the real one where 0 was asked for. */
  | {
      readonly kind: "listening";
      readonly listener: string;
      readonly host: string;
      readonly port: number;
    }
  | {
      readonly kind: "listen_failed";
      readonly listener: string;
      readonly host: string;
      readonly port: number;
      readonly code: string;
    }
  | { readonly kind: "applied"; readonly version: number }
  /** `cut`: how many requests did not finish in time. */
  | { readonly kind: "drained"; readonly cut: number };

/** Handed to the control thread at its start. The board comes later, as a message: how many proxies
 * it is for stands in the configuration, which only control reads. */
export interface ControlStart {
  readonly configFile: string;
  readonly watch: boolean;
  /** What the last control thread left behind, by part (see `FromControl`); empty at first. */
  readonly checkpoint: Readonly<Record<string, unknown>>;
  /** When the program started, milliseconds since the epoch. */
  readonly startedAtMs: number;
}

/** What the host needs to know of the configuration. `workers` and `stateDir` count only the first
 * time. */
export interface HostSettings {
  readonly workers: number;
  readonly log: { readonly level: string; readonly serviceName: string };
  readonly graceMs: number;
  /** Absolute. */
  readonly stateDir: string;
  /** Something is kept in the state folder: the host locks it against a second Evenkeel. */
  readonly stateNeeded: boolean;
  /** Stopping all processes may take this long; what lives on then is killed. */
  readonly stopProcessesMs: number;
}

/** A proxy thread as the host sees it. */
export interface ProxyFacts {
  readonly worker: number;
  readonly state: "starting" | "running" | "draining" | "dead";
  readonly startedAtMs: number;
  readonly restarts: number;
  /** Version of the last snapshot it carried out; 0 for none yet. */
  readonly version: number;
  readonly listening: readonly {
    readonly listener: string;
    readonly host: string;
    readonly port: number;
  }[];
  readonly failed: readonly {
    readonly listener: string;
    readonly host: string;
    readonly port: number;
    readonly code: string;
  }[];
}

export type ToControl =
  | { readonly kind: "reload" }
  /** The answer to the first `settings`. */
  | { readonly kind: "board"; readonly board: SharedArrayBuffer; readonly workers: number }
  /** Whenever something about the threads changed: the whole truth each time. */
  | {
      readonly kind: "proxies";
      readonly proxies: readonly ProxyFacts[];
      readonly controlRestarts: number;
      readonly draining: boolean;
    }
  | { readonly kind: "keeper"; readonly message: FromKeeper }
  /** No traffic comes any more: stop all processes, then answer `processes_stopped`. Comes again to
   * the successor where control died over it. */
  | { readonly kind: "stop_processes" }
  | { readonly kind: "shutdown" }
  | { readonly kind: "crash" };

export type FromControl =
  | { readonly kind: "settings"; readonly settings: HostSettings }
  /** `saved` is a checkpoint as below. In one message, what it shares with the snapshot is cloned
   * once, and the host never has the one without the other. */
  | {
      readonly kind: "snapshot";
      readonly snapshot: Snapshot;
      readonly saved?: { readonly part: string; readonly checkpoint: unknown };
    }
  /** Kept by the host and handed to the next control thread: drains, ejections, slots, reasons. In
   * parts, so that a drained endpoint does not send the whole configuration along. */
  | { readonly kind: "checkpoint"; readonly part: string; readonly checkpoint: unknown }
  | { readonly kind: "keeper"; readonly message: ToKeeper }
  /** All the faults in force from now on; handed to each proxy that starts later, too. */
  | { readonly kind: "faults"; readonly faults: readonly FaultSettings[] }
  /** The answer to `stop_processes`: the last one is gone. */
  | { readonly kind: "processes_stopped" }
  | { readonly kind: "ready" }
  /** About once a second: a control thread without it is taken for stuck and replaced. */
  | { readonly kind: "alive" }
  /** The configuration could not be used at start: the host ends with this exit code. */
  | { readonly kind: "fatal"; readonly exitCode: number };
