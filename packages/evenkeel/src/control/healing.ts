/** What acts by itself, as control sees it: processes, signals, plans, alerts and drills. */
import type { Operation } from "../admin/operations.ts";
import type { Board } from "../board/board.ts";
import type { MemberAddress } from "../config/desired/members.ts";
import type { HealthChange, HealthTable } from "../health/contract.ts";
import type { FromKeeper } from "../processes/contract.ts";
import type { Desired } from "../snapshot/desired.ts";
import type { FromControl } from "../snapshot/messages.ts";
import type { HealingFacts } from "../telemetry/healing-metrics.ts";
import type { Log } from "../telemetry/log.ts";

/** What healing needs of control. */
export interface HealingWorld {
  readonly board: Board;
  readonly log: Log;
  readonly health: HealthTable;
  /** What is in force now. */
  readonly desired: () => Desired;
  /** The endpoints that stand for instances, all of them; in force when the call returns. */
  readonly changeMembers: (members: readonly MemberAddress[]) => void;
  readonly post: (message: FromControl) => void;
  /** What a predecessor left; undefined at first. */
  readonly saved: { readonly processes: unknown };
}

/** Everything that acts by itself. */
export interface Healing {
  /** What can be asked of it at the admin address now. */
  readonly operations: () => readonly Operation[];
  /** How it stands, for status and metrics. */
  facts(): HealingFacts;
  /** Carries out what is asked for from now on; for the start and whenever the file changed. */
  apply(desired: Desired): void;
  /** Resolves when it is known which processes live. Nothing is healed before, as whoever is not known
   * yet would be taken for gone, and nothing can be asked. */
  readonly ready: Promise<void>;
  onHealthChange(change: HealthChange): void;
  /** The operator acts on an object: plans and drills let go of it. */
  seize(object: string): void;
  received(message: FromKeeper): void;
  /** Ends all processes; resolves when the last one is gone. */
  stopProcesses(): Promise<void>;
  /** Lets go of everything; processes go on. */
  close(): Promise<void>;
}
