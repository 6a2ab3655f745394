/**
 * Processes that Evenkeel runs. Two halves: the keeper in the host spawns, signals and reaps, so that
 * a crash of control touches no child; the supervisor in control decides.
 */
import type { FromKeeper, LivingChild, ToKeeper } from "../snapshot/keeper-messages.ts";
import type { ProcessSettings } from "../snapshot/process-settings.ts";

export type {
  ChildExit,
  FromKeeper,
  LaunchOrder,
  LivingChild,
  ProcessIdentity,
  ToKeeper,
} from "../snapshot/keeper-messages.ts";

/** supervisord's states, and two of our own: READY (running and ready for traffic) and DRAINING (up,
 * being emptied before it is stopped). */
export type InstanceState =
  | "STOPPED"
  | "STARTING"
  | "RUNNING"
  | "READY"
  | "BACKOFF"
  | "DRAINING"
  | "STOPPING"
  | "EXITED"
  | "FATAL"
  | "UNKNOWN";

/** The half in the host: as small as can be, no policy. */
export interface Keeper {
  handle(message: ToKeeper): void;
  /** What lives now. */
  living(): readonly LivingChild[];
  /** Lets go of all children without touching them. */
  close(): void;
}

/** One instance, for people and programs. */
export interface InstanceView {
  /** `NAME.INDEX`. */
  readonly name: string;
  readonly process: string;
  readonly index: number;
  readonly state: InstanceState;
  /** One plain sentence. */
  readonly reason: string;
  readonly sinceMs: number;
  readonly pid: number | undefined;
  readonly startedAtMs: number | undefined;
  /** Where its traffic goes; undefined without a port. */
  readonly address: { readonly host: string; readonly port: number } | undefined;
  readonly upstream: string | undefined;
  /** Restarts since it was first started, asked for or not. */
  readonly restarts: number;
  readonly lastExit:
    | {
        readonly code: number | undefined;
        readonly signal: string | undefined;
        readonly atMs: number;
      }
    | undefined;
  /** When the next start is due, in BACKOFF. */
  readonly nextStartAtMs: number | undefined;
  readonly adopted: boolean;
  /** It is not up, and need not be: it ended as expected and is left alone. */
  readonly done: boolean;
  /** Why it runs by other settings than it is to; undefined where it does not. */
  readonly outdated: string | undefined;
  /** Share of one core, 0 to 1 and above; undefined until two samples. */
  readonly cpu: number | undefined;
  readonly memoryBytes: number | undefined;
  readonly logPath: string;
}

/** An endpoint that stands for an instance: it is in the upstream from before it is ready until it
 * is gone, and takes traffic only while `ready`. */
export interface Member {
  readonly upstream: string;
  readonly host: string;
  readonly port: number;
  readonly weight: number;
  /** `NAME.INDEX`. */
  readonly instance: string;
}

/** What an operation on processes came to. `problem` is one plain sentence for who asked. */
export type Outcome = { readonly ok: true } | { readonly ok: false; readonly problem: string };

/** What can be named: a process (all its instances) or one instance (`NAME.1`). */
export interface Supervisor {
  /** Starts what is new, stops what is gone, replaces one by one what changed. */
  apply(settings: readonly ProcessSettings[]): void;
  /** Everything that came from the keeper. */
  received(message: FromKeeper): void;
  list(): readonly InstanceView[];
  /** All resolve when it is done or has failed; `signal` aborts waiting, not the operation. */
  start(name: string): Promise<Outcome>;
  stop(name: string): Promise<Outcome>;
  /** At once where it is one instance; one after another where it is a process. */
  restart(name: string): Promise<Outcome>;
  /** One by one, the new one ready before the old one is drained where a port is free. */
  reload(name: string): Promise<Outcome>;
  signal(name: string, signal: NodeJS.Signals): Outcome;
  /** Instances of the process from now on, until the configuration changes it. */
  scale(process: string, instances: number): Promise<Outcome>;
  /** Back to the settings before the last change of this process. */
  rollback(process: string): Promise<Outcome>;
  /** Stops all in reverse order; resolves when the last one is gone. For the end of Evenkeel. */
  stopAll(): Promise<void>;
  /** Lets go of everything without touching a child. */
  close(): void;
}
