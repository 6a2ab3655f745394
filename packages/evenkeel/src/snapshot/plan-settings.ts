/** Recovery plans, as the configuration asks for them. */
import type { Condition } from "../expression/expression.ts";

/** What a plan may do by itself. `dry_run` says what it would do; `approve` asks before it begins. */
export type PlanMode = "off" | "dry_run" | "approve" | "auto";

export interface PlanSettings {
  readonly name: string;
  readonly mode: PlanMode;
  readonly trigger:
    | { readonly kind: "condition"; readonly condition: Condition }
    /** An alert of Evenkeel's own rules, or one that Alertmanager or Prometheus posted; labels must
     * be equal. */
    | {
        readonly kind: "alert";
        readonly alert: string;
        readonly labels: Readonly<Record<string, string>>;
      };
  readonly steps: readonly StepSettings[];
  /** Names of receivers, or `escalate_to_pagerduty` and the like: who is called when it failed. */
  readonly onFailure: readonly string[];
  /** Names of receivers: who is told, quietly, that it was healed without anybody; empty: nobody. */
  readonly onSuccess: readonly string[];
  readonly limits: PlanLimits;
  /** What is out for a later run, and after which time without a drill `status` names it. */
  readonly provenWithinMs: number;
}

export interface PlanLimits {
  /** Runs within one incident. */
  readonly maxAttempts: number;
  /** After a run, this plan leaves the same object alone for so long. */
  readonly cooldownMs: number;
  /** After an action, signals are not judged for so long. */
  readonly graceMs: number;
  /** After the grace that follows the last step, the trigger must have ended within so long, or the
   * run has failed. */
  readonly verifyWithinMs: number;
  /** Runs of this plan at once. */
  readonly maxConcurrent: number;
  /** Of the upstream or process, counting everything that is out for whatever reason. */
  readonly maxUnavailable: { readonly count: number } | { readonly percent: number };
  /** Runs of this plan within a time, kept over restarts. */
  readonly rate: { readonly count: number; readonly windowMs: number };
}

/** One step. Every step has a bound in time; `undo` names the action that reverts it, where the run
 * fails later. */
export interface StepSettings {
  readonly timeoutMs: number;
  readonly retries: number;
  readonly undo: boolean;
  readonly action: ActionSettings;
  /** Must become true within `timeoutMs` after the action, else the step failed. */
  readonly verify: Condition | undefined;
}

/** `target` is a process, an instance (`NAME.1`), an upstream, or an endpoint (`UPSTREAM/ENDPOINT`);
 * empty means what fired the trigger. */
export type ActionSettings =
  | { readonly action: "restart_service"; readonly target: string }
  | {
      readonly action: "verify_health";
      readonly target: string;
      readonly endpoint: string;
      readonly expected: readonly (readonly [from: number, to: number])[];
    }
  | { readonly action: "verify"; readonly condition: Condition }
  | { readonly action: "drain" | "undrain" | "eject"; readonly target: string }
  | { readonly action: "set_weight"; readonly target: string; readonly weight: number }
  /** Instances more (`+1`), fewer (`-1`) or exactly. */
  | {
      readonly action: "scale";
      readonly target: string;
      readonly change: number;
      readonly exact: boolean;
    }
  /** Back to the process settings before the last change of them. */
  | { readonly action: "rollback"; readonly target: string }
  | {
      readonly action: "run";
      readonly command: readonly string[];
      readonly env: Readonly<Record<string, string>>;
      readonly cwd: string;
    }
  | {
      readonly action: "http";
      readonly method: string;
      readonly url: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
      readonly expected: readonly (readonly [from: number, to: number])[];
    }
  | { readonly action: "wait"; readonly ms: number }
  | { readonly action: "notify"; readonly receivers: readonly string[]; readonly message: string }
  /** Waits for a person; without an answer within the step's time the default decides. */
  | { readonly action: "approve"; readonly question: string; readonly otherwise: "go" | "stop" };

export interface RecoverySettings {
  readonly plans: readonly PlanSettings[];
  /** More runs than this within the window, or less than this share of an upstream healthy: all
   * plans are frozen and a person is called once. */
  readonly freeze: {
    readonly runs: number;
    readonly windowMs: number;
    readonly unhealthyPercent: number;
  };
}
