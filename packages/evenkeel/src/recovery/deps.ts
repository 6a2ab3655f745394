/** What the engine of recovery plans needs: everything it reads, does and says comes through here. */
import type { Clock, Timers } from "../health/clock.ts";
import type { History } from "../history/contract.ts";
import type { CreateConditionWatch, SignalReader, SignalSubject } from "../signals/contract.ts";
import type { Levers, Locks, RecoveryNotice } from "./contract.ts";

/** A command to run: an argument vector, never a shell's line. */
export interface CommandOrder {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** What became of a command or a call. `output` is bounded. */
export interface CallOutcome {
  readonly ok: boolean;
  /** One sentence: how it ended. */
  readonly text: string;
  readonly output: string;
}

export interface HttpOrder {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly expected: readonly (readonly [from: number, to: number])[];
}

export interface RecoveryLog {
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
}

export interface RecoveryDeps {
  readonly levers: Levers;
  readonly locks: Locks;
  readonly history: History;
  readonly watch: CreateConditionWatch;
  readonly reader: SignalReader;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly notify: (notice: RecoveryNotice) => void;
  /** Resolves when it has ended or was killed by the abort; never rejects. `runCommand` is the real
   * one. */
  readonly run: (order: CommandOrder, signal: AbortSignal) => Promise<CallOutcome>;
  /** Never rejects. `callHttp` is the real one. */
  readonly http: (order: HttpOrder, signal: AbortSignal) => Promise<CallOutcome>;
  readonly log: RecoveryLog;
  /** The drill that has the subject under a fault now. */
  readonly touching: (subject: SignalSubject) => string | undefined;
  /** Unique for ever. */
  readonly newId: () => string;
}
