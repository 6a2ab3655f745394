/** What the supervisor asks of the world around it, and what it tells it. */
import type { ProbeSettings } from "../snapshot/desired.ts";
import type { InstanceState, Member, Supervisor, ToKeeper } from "./contract.ts";

/** Two readings of time: one for people, one for measuring. */
export interface Clock {
  /** Milliseconds since the epoch; may jump. */
  nowMs(): number;
  /** Milliseconds that only ever go forward, from any start. */
  monotonicMs(): number;
}

/** The platform's timers, as far as they are needed. */
export interface Timers {
  setTimeout(run: () => void, delayMs: number): object | number;
  clearTimeout(handle: object | number | undefined): void;
}

/** One question whether an instance is ready: resolves within about `timeoutMs` or when `signal`
 * aborts, never rejects. `detail` is one plain sentence without a full stop. */
export type ReadyProbe = (
  request: {
    readonly settings: ProbeSettings;
    readonly host: string;
    readonly port: number;
    readonly timeoutMs: number;
  },
  signal: AbortSignal,
) => Promise<{ readonly verdict: "passed" | "failed" | "unknown"; readonly detail: string }>;

/** A free port on `host`: of `candidates` in their order, or any where they are empty; never one of
 * `taken`. Undefined where there is none. Never rejects. */
export type ChoosePort = (
  host: string,
  candidates: readonly number[],
  taken: ReadonlySet<number>,
) => Promise<number | undefined>;

/** What an instance uses now, as last sampled. */
export interface Usage {
  /** Share of one core, 0 to 1 and above; undefined until two samples. */
  readonly cpu: number | undefined;
  readonly memoryBytes: number | undefined;
}

/** What log, metrics, incidents and alerts may want to know. `instance` is `NAME.INDEX`. */
export type SupervisorEvent = {
  readonly process: string;
  readonly instance: string;
  readonly atMs: number;
  /** One plain sentence. */
  readonly reason: string;
} & (
  | { readonly kind: "state"; readonly from: InstanceState; readonly to: InstanceState }
  /** It ended and nobody had asked it to. Comes before the change of state. */
  | {
      readonly kind: "died";
      readonly code: number | undefined;
      readonly signal: string | undefined;
    }
  /** Once, until `crash_loop_over`: it was restarted more often than its limit allows. */
  | { readonly kind: "crash_loop" }
  | { readonly kind: "crash_loop_over" }
  /** It took more memory than it may and is being replaced. */
  | { readonly kind: "memory"; readonly bytes: number; readonly bound: number }
  /** It was found alive at start and goes on. */
  | { readonly kind: "adopted" }
  /** A replacement one by one stopped short; `instance` is the one that did not become ready. */
  | { readonly kind: "replacement_failed" }
);

/** An event without what all of them say. */
export type BareEvent = SupervisorEvent extends infer Each
  ? Each extends SupervisorEvent
    ? Omit<Each, "process" | "instance" | "atMs">
    : never
  : never;

/** What becomes of an endpoint that stands for an instance. */
export type Tell = (
  member: Member,
  state: "ready" | "draining" | "stopped",
  reason: string,
) => void;

export interface SupervisorDeps {
  readonly clock: Clock;
  readonly timers: Timers;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** To the keeper, in order. Its answers come by `Supervisor.received`. */
  readonly post: (message: ToKeeper) => void;
  readonly probe: ReadyProbe;
  /** All members from now on, in a steady order. In force when the call returns; a new one takes no
   * traffic until `tell` says that it is ready. Upstreams may be gone from the configuration before
   * their members are: such members count for nothing. */
  readonly membersChanged: (members: readonly Member[]) => void;
  /** Only of members that the last `membersChanged` named. In force when the call returns. */
  readonly tell: Tell;
  /** Requests in flight at this endpoint, over all workers. */
  readonly inFlight: (member: Member) => number;
  readonly choosePort: ChoosePort;
  readonly usage: (pid: number) => Usage | undefined;
  readonly onEvent: (event: SupervisorEvent) => void;
  /** Something changed that `checkpoint` holds: call it soon, and leave the answer with the host. */
  readonly onCheckpoint: () => void;
  /** What children inherit PATH, HOME, LANG, TZ and TMPDIR from. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The supervisor with what its successor needs. */
export interface KeptSupervisor extends Supervisor {
  /** Plain data that `createSupervisor` takes back after a crash of control. Holds settings with
   * secrets: never log it. */
  checkpoint(): unknown;
  /** Where the second output of an instance is kept; undefined where both share one file, or there
   * is no such instance. */
  errorLogPath(instance: string): string | undefined;
}

/** Nothing happens before the first `apply`: then the keeper is asked for `children`, and what lives
 * is adopted before anything is started. `saved` is a predecessor's checkpoint, undefined at first. */
export type CreateSupervisor = (deps: SupervisorDeps, saved?: unknown) => KeptSupervisor;
