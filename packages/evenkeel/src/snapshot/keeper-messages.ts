/** What crosses between the keeper in the host and the supervisor in control. */
import type { ProcessSettings } from "./process-settings.ts";

/** A living process is known by its number and when the kernel started it: numbers are used again. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat: clock ticks since boot. */
  readonly startTicks: number;
  /** /proc/sys/kernel/random/boot_id. */
  readonly bootId: string;
}

/** All a child is started with: nothing is left to decide. */
export interface LaunchOrder {
  /** Unique for each start ever: the child finds it in EVENKEEL_INSTANCE_RUN, adoption finds the child
   * by it where the journal was cut off. */
  readonly run: string;
  readonly process: string;
  /** From 1. */
  readonly index: number;
  readonly command: readonly string[];
  readonly cwd: string;
  /** Complete: nothing is inherited beside it. */
  readonly env: Readonly<Record<string, string>>;
  readonly user: ProcessSettings["user"];
  readonly umask: number | undefined;
  readonly stdoutPath: string;
  readonly stderrPath: string;
  /** A pipe on this descriptor carries the word that it is ready. */
  readonly notify: boolean;
  readonly port: number | undefined;
  /** Of the settings it was started by. */
  readonly fingerprint: string;
}

export type ToKeeper =
  | { readonly kind: "launch"; readonly order: LaunchOrder }
  | {
      readonly kind: "signal";
      readonly run: string;
      readonly signal: NodeJS.Signals;
      readonly group: boolean;
    }
  /** Asks for everything that lives and every exit not yet confirmed. The answer is `children`. */
  | { readonly kind: "children" }
  /** The exit of this run was taken note of: forget it, and its journal entry. */
  | { readonly kind: "forget"; readonly run: string };

/** A child that lives, as the keeper knows it. */
export interface LivingChild {
  readonly order: LaunchOrder;
  readonly identity: ProcessIdentity;
  readonly startedAtMs: number;
  /** Not a child of this Evenkeel but of one before. */
  readonly adopted: boolean;
  readonly ready: boolean;
}

export interface ChildExit {
  readonly run: string;
  readonly process: string;
  readonly index: number;
  /** Both undefined where it was adopted: nobody can ask any more. */
  readonly code: number | undefined;
  readonly signal: NodeJS.Signals | undefined;
  readonly atMs: number;
}

export type FromKeeper =
  | { readonly kind: "launched"; readonly child: LivingChild }
  /** It could not be started: no such program, no such folder, no permission. */
  | {
      readonly kind: "launch_failed";
      readonly run: string;
      readonly reason: string;
      readonly atMs: number;
    }
  /** It said that it is ready (`notify`). */
  | { readonly kind: "said_ready"; readonly run: string }
  | { readonly kind: "exited"; readonly exit: ChildExit }
  | {
      readonly kind: "children";
      readonly living: readonly LivingChild[];
      readonly exits: readonly ChildExit[];
    };
