/** Recovery plans as the engine gets them. */
import { resolve } from "node:path";
import type {
  ActionSettings,
  PlanMode,
  PlanSettings,
  RecoverySettings,
  StepSettings,
} from "../../snapshot/plan-settings.ts";
import type { Config } from "../config.ts";
import { planModes, type PlanConfig } from "../schema/plan.ts";
import type { StepConfig } from "../schema/plan-steps.ts";

const DAY_MS = 86_400_000;
/** Beside what `wait` is told to wait, and for `notify`, which hands over. */
const MARGIN_MS = 10_000;

/** In configuration order. */
export function toRecovery(config: Config): RecoverySettings {
  const { recovery, recovery_plans: plans, folder } = config;
  return {
    plans: Object.entries(plans).map(([name, plan]) => toPlan(name, plan, recovery.mode, folder)),
    freeze: {
      runs: recovery.freeze_after.count,
      windowMs: recovery.freeze_after.windowMs,
      unhealthyPercent: recovery.freeze_below,
    },
  };
}

function toPlan(name: string, plan: PlanConfig, most: PlanMode, folder: string): PlanSettings {
  const { trigger, limits } = plan;
  return {
    name,
    mode: planModes[Math.min(planModes.indexOf(plan.mode), planModes.indexOf(most))]!,
    trigger:
      "alert" in trigger
        ? { kind: "alert", ...trigger }
        : { kind: "condition", condition: trigger },
    steps: plan.steps.map((step) => toStep(step, folder)),
    onFailure: plan.on_failure,
    onSuccess: plan.on_success,
    limits: {
      maxAttempts: limits.max_attempts,
      cooldownMs: limits.cooldown,
      graceMs: limits.grace,
      verifyWithinMs: limits.verify_within,
      maxConcurrent: limits.max_concurrent,
      maxUnavailable: limits.max_unavailable,
      rate: limits.rate,
    },
    provenWithinMs: plan.proven_within_days * DAY_MS,
  };
}

function toStep(step: StepConfig, folder: string): StepSettings {
  return {
    timeoutMs: "timeout" in step ? step.timeout : MARGIN_MS,
    retries: "retries" in step ? step.retries : 0,
    undo: "undo" in step && step.undo,
    verify: "verify" in step ? step.verify : undefined,
    action: toAction(step, folder),
  };
}

function toAction(step: StepConfig, folder: string): ActionSettings {
  switch (step.action) {
    case "restart_service":
    case "drain":
    case "undrain":
    case "eject":
    case "rollback":
      return { action: step.action, target: step.target ?? "" };
    case "verify_health": {
      const { action, target = "", endpoint, expected } = step;
      return { action, target, endpoint, expected };
    }
    case "verify":
      return { action: step.action, condition: step.condition };
    case "set_weight":
      return { action: step.action, target: step.target ?? "", weight: step.weight };
    case "scale": {
      const { count: change, exact } = step.instances;
      return { action: step.action, target: step.target ?? "", change, exact };
    }
    case "run": {
      const { action, command, env, cwd } = step;
      return { action, command, env, cwd: resolve(folder, cwd) };
    }
    case "http": {
      const { action, method, url, headers, body, expected } = step;
      return { action, method, url, headers, body, expected };
    }
    case "wait":
      return { action: step.action, ms: step.for };
    case "notify":
      return { action: step.action, receivers: step.receivers, message: step.message };
    case "approve":
      return { action: step.action, question: step.question, otherwise: step.otherwise };
  }
}
