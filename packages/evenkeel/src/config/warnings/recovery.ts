/** Recovery plans that call nobody, fill in nothing, or name two things at once. */
import { nearest } from "../../lib/edit-distance.ts";
import { didYouMean } from "../diagnose.ts";
import type { Config } from "../config.ts";
import type { Problem } from "../problem.ts";
import type { PlanConfig } from "../schema/plan.ts";
import type { StepConfig } from "../schema/plan-steps.ts";
import type { Path, ProblemDetails, Source } from "../source/source.ts";

type Warn = (key: Path, rule: string, more?: ProblemDetails) => void;

/** All plans, in order. */
export function warnOfRecovery(config: Config, source: Source): Problem[] {
  return Object.entries(config.recovery_plans).flatMap(([name, plan]) => {
    const problems: Problem[] = [];
    const warn: Warn = (key, rule, more) =>
      problems.push(source.problemAt(["recovery_plans", name, ...key], rule, more));
    warnOfReceivers(plan.on_success, ["on_success"], config, warn);
    warnOfSilentEnds(plan, warn);
    plan.steps.forEach((step, at) => {
      warnOfPlaceholders(step, ["steps", at], warn);
      warnOfTwins(step, ["steps", at], config, warn);
      if (step.action === "notify") {
        warnOfReceivers(step.receivers, ["steps", at, "receivers"], config, warn);
      }
    });
    return problems;
  });
}

/** Who is called on failure is looked at together with the alerts. */
function warnOfReceivers(words: readonly string[], key: Path, config: Config, warn: Warn): void {
  words.forEach((word, at) => {
    const known = knownReceivers(config);
    if (known.has(word.replace(/^(escalate_to|notify)_/, "")) || known.has(word)) return;
    const names = Object.keys(config.alerts.receivers);
    const hint = didYouMean(nearest(word, names)) ?? "add it to alerts.receivers";
    const place = [...key, ...(words.length > 1 ? [at] : [])];
    warn(place, "there is no such receiver: nobody is told", { hint, showGot: true });
  });
}

/** Who posts alerts tells of their end minutes late: until then only a step of the plan's own can say
 * that it helped. */
function warnOfSilentEnds({ trigger, steps }: PlanConfig, warn: Warn): void {
  if (!("alert" in trigger)) return;
  const verifies = ["verify", "verify_health"];
  if (steps.some((step) => verifies.includes(step.action) || "verify" in step)) return;
  const rule =
    "nothing tells whether it helped before the alert's end is told: it would be tried again";
  warn(["steps"], rule, { hint: "add a step verify or verify_health" });
}

/** Names and kinds. */
function knownReceivers(config: Config): ReadonlySet<string> {
  const receivers = Object.entries(config.alerts.receivers);
  return new Set(receivers.flatMap(([name, receiver]) => [name, ...Object.keys(receiver)]));
}

const placeholders: readonly string[] = ["plan", "object", "incident", "reason"];

function warnOfPlaceholders(step: StepConfig, path: Path, warn: Warn): void {
  for (const [key, texts] of textsOf(step)) {
    for (const text of texts) {
      for (const [, name = ""] of text.matchAll(/\{\{\s*([^{}]*?)\s*\}\}/g)) {
        if (placeholders.includes(name)) continue;
        const hint = didYouMean(nearest(name, placeholders));
        warn([...path, key], `{{${name}}} means nothing here and stays as it is`, { hint });
      }
    }
  }
}

/** What is filled in, by key. */
function textsOf(step: StepConfig): readonly (readonly [key: string, texts: readonly string[]])[] {
  switch (step.action) {
    case "run":
      return [
        ["command", step.command],
        ["env", Object.values(step.env)],
      ];
    case "http":
      return [
        ["url", [step.url]],
        ["body", [step.body]],
      ];
    case "notify":
      return [["message", [step.message]]];
    case "restart_service":
    case "verify_health":
    case "verify":
    case "drain":
    case "undrain":
    case "eject":
    case "set_weight":
    case "scale":
    case "rollback":
    case "wait":
    case "approve":
      return [];
  }
}

function warnOfTwins(step: StepConfig, path: Path, config: Config, warn: Warn): void {
  if (!("target" in step) || step.target === undefined) return;
  const { target } = step;
  if (!Object.hasOwn(config.processes, target) || !Object.hasOwn(config.upstreams, target)) return;
  if (config.processes[target]!.upstream === target) return;
  warn([...path, "target"], "is a process and an upstream: the process is meant");
}
