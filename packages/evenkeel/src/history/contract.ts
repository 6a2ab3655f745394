/**
 * What is remembered on disk (`node:sqlite`): the ledger of reversible operations and the incidents.
 * One writer, the control thread. Every method that writes has written when it returns; where the
 * disk refuses, an intent throws and all else waits in memory, in order, until it can be written.
 */

/** An operation, from before it is done until it is over or reverted. */
export interface LedgerEntry {
  readonly id: number;
  /** `plan.step`, `drill.fault`, ... */
  readonly kind: string;
  /** Who does it: `plan:NAME`, `drill:NAME`, `operator`. */
  readonly owner: string;
  /** The incident or drill run it belongs to; undefined for none. */
  readonly incident: number | undefined;
  readonly run: string;
  /** What it acts on. */
  readonly object: string;
  /** Plain data: enough to do it, and to undo it, without anything else. */
  readonly intent: unknown;
  readonly undo: unknown;
  readonly state: "intended" | "running" | "done" | "failed" | "undone";
  /** One sentence. */
  readonly outcome: string;
  readonly createdAtMs: number;
  readonly changedAtMs: number;
  /** Reverted or given up by then. */
  readonly deadlineMs: number;
}

export interface Ledger {
  /** Writes the intent; the deed comes after. Throws `HistoryUnavailable` where it can't be written:
   * then it must not be done. */
  intend(
    entry: Omit<LedgerEntry, "id" | "state" | "outcome" | "createdAtMs" | "changedAtMs">,
  ): number;
  advance(id: number, state: LedgerEntry["state"], outcome?: string): void;
  /** Everything intended or running, oldest first: what a start has to resume or revert. This and
   * the next two throw `HistoryUnavailable` where the file can't be read. */
  unfinished(): readonly LedgerEntry[];
  /** Everything of one run, oldest first. */
  ofRun(run: string): readonly LedgerEntry[];
  /** Of one owner, runs that began at or after `sinceMs`: for rates that outlive a restart. */
  runsSince(
    owner: string,
    sinceMs: number,
  ): readonly { run: string; object: string; atMs: number }[];
  list(limit: number): readonly LedgerEntry[];
}

/** The disk is full, the file is gone or broken: what to do is in the message. */
export class HistoryUnavailable extends Error {}

export type IncidentState = "open" | "mitigated" | "resolved";

export interface Incident {
  readonly id: number;
  readonly title: string;
  /** `auto` needed nobody, `human` did. */
  readonly handling: "auto" | "human";
  readonly drill: string | undefined;
  readonly plan: string | undefined;
  readonly object: string;
  readonly state: IncidentState;
  /** First bad sample. */
  readonly faultAtMs: number;
  readonly detectedAtMs: number;
  readonly actionAtMs: number | undefined;
  readonly mitigatedAtMs: number | undefined;
  readonly resolvedAtMs: number | undefined;
  readonly acknowledgedBy: string | undefined;
}

export interface TimelineEntry {
  readonly atMs: number;
  readonly kind: "signal" | "verdict" | "action" | "verification" | "notification" | "operator";
  readonly text: string;
}

export interface Incidents {
  open(incident: {
    readonly title: string;
    readonly object: string;
    readonly plan: string | undefined;
    readonly drill: string | undefined;
    readonly faultAtMs: number;
    readonly detectedAtMs: number;
  }): number;
  note(id: number, entry: TimelineEntry): void;
  change(
    id: number,
    change: Partial<
      Pick<
        Incident,
        | "handling"
        | "plan"
        | "state"
        | "actionAtMs"
        | "mitigatedAtMs"
        | "resolvedAtMs"
        | "acknowledgedBy"
      >
    >,
  ): void;
  /** Newest first. */
  list(limit: number): readonly Incident[];
  get(
    id: number,
  ): { readonly incident: Incident; readonly timeline: readonly TimelineEntry[] } | undefined;
  openOnes(): readonly Incident[];
  /** Times to detect, mitigate and resolve with n, mean, median and p90, apart by plan, handling and
   * drill. Seconds. */
  times(sinceMs: number): readonly RecoveryTimes[];
}

export interface RecoveryTimes {
  /** Empty where no plan acted. */
  readonly plan: string;
  readonly handling: "auto" | "human";
  readonly drill: boolean;
  readonly detect: Spread;
  readonly mitigate: Spread;
  readonly resolve: Spread;
}

/** `n` 0: nothing to say, the rest is undefined. */
export interface Spread {
  readonly n: number;
  readonly mean: number | undefined;
  readonly median: number | undefined;
  readonly p90: number | undefined;
}

/** A small store for whoever must remember something over a restart: silences, freezes, proofs of
 * drills, notifications under way. JSON values; keys are unique within a space. */
export interface Memory {
  get(space: string, key: string): unknown;
  set(space: string, key: string, value: unknown): void;
  delete(space: string, key: string): void;
  all(space: string): readonly (readonly [key: string, value: unknown])[];
}

export interface History {
  readonly ledger: Ledger;
  readonly incidents: Incidents;
  readonly memory: Memory;
  /** All of the memory, to be taken over by another history. */
  remembered(): readonly {
    readonly space: string;
    readonly key: string;
    readonly value: unknown;
  }[];
  /** Undefined while all is well; else what is wrong and what to do. Asking tries once more to write
   * what waits. */
  problem(): string | undefined;
  /** Deletes what is older than the bounds, and nothing that is open or unfinished; call it from time
   * to time. */
  prune(nowMs: number): void;
  close(): void;
}
