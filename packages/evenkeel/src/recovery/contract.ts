/** The closed loop: what plans need of the world, and what the world may ask of plans. */
import type { SignalSubject } from "../signals/contract.ts";
import type { PlanMode, RecoverySettings } from "../snapshot/plan-settings.ts";

export type Deed = { readonly ok: true } | { readonly ok: false; readonly problem: string };

/** What plans can do to the world. Each resolves when it is done or has failed, and stops at abort. */
export interface Levers {
  restart(object: string, signal: AbortSignal): Promise<Deed>;
  drain(object: string): Deed;
  undrain(object: string): Deed;
  eject(object: string): Deed;
  restore(object: string): Deed;
  /** Undefined returns to the configured weight. */
  setWeight(object: string, weight: number | undefined): Deed;
  scale(process: string, instances: number, signal: AbortSignal): Promise<Deed>;
  rollback(process: string, signal: AbortSignal): Promise<Deed>;
  /** What an object is now, to undo to and to count by. Undefined: there is no such thing. */
  look(object: string): ObjectFacts | undefined;
}

/** `object`: a process, an instance (`NAME.1`), an upstream, or an endpoint (`UPSTREAM/ADDRESS`). */
export interface ObjectFacts {
  readonly kind: "process" | "instance" | "upstream" | "endpoint";
  /** The upstream or process it is one of; itself where it is a whole. */
  readonly group: string;
  /** Of the group. `out`: everything not taking traffic, for whatever reason. */
  readonly total: number;
  readonly out: number;
  readonly isOut: boolean;
  /** All of it that is out is only being started: who runs it is at work on it. `first`: it never ran
   * before, so that nothing has failed yet. */
  readonly starting: "first" | "again" | undefined;
  readonly weight: number | undefined;
  readonly drained: boolean;
  readonly ejected: boolean;
  /** Of a process. */
  readonly instances: number | undefined;
  /** Where checks of it go: the addresses of what it stands for. */
  readonly addresses: readonly { readonly host: string; readonly port: number }[];
}

/** One lock per object, shared by supervisor, plans, drills and the operator, who always wins. */
export interface Locks {
  /** Undefined where another owner has it, or has one that covers it (a process covers its
   * instances). `lost` is aborted when the operator takes it. */
  take(object: string, owner: string): { readonly lost: AbortSignal; release(): void } | undefined;
  holder(object: string): string | undefined;
  /** The operator's: whoever holds it loses it. */
  seize(object: string, who: string): void;
}

export interface PlanRunView {
  readonly run: string;
  readonly plan: string;
  readonly incident: number;
  readonly object: string;
  readonly step: number;
  readonly steps: number;
  readonly doing: string;
  readonly startedAtMs: number;
  /** A person is waited for. */
  readonly question: string | undefined;
}

/** Something a person is to know; carried by the alerts. */
export interface RecoveryNotice {
  /** `page`: a person is needed, until `over` comes under the same key. `report`: told once, quietly. */
  readonly kind: "page" | "over" | "report";
  /** One per incident and matter. */
  readonly key: string;
  readonly plan: string;
  /** Undefined where it is about all plans. */
  readonly incident: number | undefined;
  readonly object: string;
  /** One sentence. */
  readonly summary: string;
  readonly details: string;
  /** As the plan names them. Empty: pages go as alerts are routed, reports to nobody. */
  readonly receivers: readonly string[];
  readonly atMs: number;
}

export interface PlanView {
  readonly name: string;
  readonly mode: PlanMode;
  readonly state: "watching" | "running" | "cooling" | "waiting" | "frozen" | "off";
  /** Why it did not act last time it was asked; undefined where nothing stood in its way. */
  readonly refused: string | undefined;
  readonly lastRunAtMs: number | undefined;
  /** Last drill that proved it; undefined: never. */
  readonly provenAtMs: number | undefined;
  readonly unproven: boolean;
}

/** The engine of recovery plans. */
export interface Recovery {
  /** The first call also takes up what an Evenkeel before left unfinished. A run goes on by the
   * settings it began with; one whose plan is gone or off is stopped and reverted. */
  apply(settings: RecoverySettings): void;
  /** Looks at triggers and goes on with runs; call it about once a second. */
  tick(nowMs: number): void;
  /** An alert fired or resolved, of Evenkeel's own or posted by somebody else. */
  alert(
    name: string,
    labels: Readonly<Record<string, string>>,
    subject: SignalSubject,
    state: "firing" | "resolved",
  ): void;
  plans(): readonly PlanView[];
  runs(): readonly PlanRunView[];
  /** Runs a plan now on an object, as the operator asks. */
  trigger(plan: string, object: string, who: string): Deed;
  answer(run: string, answer: "go" | "stop", who: string): Deed;
  freeze(who: string, reason: string): void;
  thaw(who: string): void;
  frozen(): { readonly by: string; readonly reason: string; readonly atMs: number } | undefined;
  /** A person has seen the incident. */
  acknowledge(incident: number, who: string): Deed;
  /** A person says that it is over: it is not begun again before its trigger was false once. */
  resolve(incident: number, who: string): Deed;
  /** A drill proved the plan. */
  proven(plan: string, atMs: number): void;
  /** Ends waiting; what is under way stays in the ledger for the next start. */
  close(): Promise<void>;
}
