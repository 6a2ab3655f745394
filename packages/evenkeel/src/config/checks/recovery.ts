/** What recovery plans name elsewhere in the file. */
import { nearest } from "../../lib/edit-distance.ts";
import { didYouMean } from "../diagnose.ts";
import type { Problem } from "../problem.ts";
import type { PlanConfig } from "../schema/plan.ts";
import type { StepConfig } from "../schema/plan-steps.ts";
import type { RootConfig } from "../schema/root.ts";
import type { Path, ProblemDetails, Source } from "../source/source.ts";
import { checkCondition } from "./signals.ts";

type Report = (key: Path, rule: string, more?: ProblemDetails) => void;

/** All plans, in order. */
export function checkRecovery(config: RootConfig, source: Source): Problem[] {
  return Object.entries(config.recovery_plans).flatMap(([name, plan]) => {
    const path = ["recovery_plans", name];
    const problems: Problem[] = [];
    const report: Report = (key, rule, more) =>
      problems.push(source.problemAt([...path, ...key], rule, more));
    for (const [key, condition] of conditionsOf(plan)) {
      problems.push(...checkCondition(condition, [...path, ...key], config, source));
    }
    plan.steps.forEach((step, at) => checkStep(step, ["steps", at], config, report));
    return problems;
  });
}

type Condition = Parameters<typeof checkCondition>[0];

function conditionsOf({ trigger, steps }: PlanConfig): (readonly [Path, Condition])[] {
  const found: (readonly [Path, Condition])[] = [];
  if (!("alert" in trigger)) found.push([["trigger"], trigger]);
  steps.forEach((step, at) => {
    if (step.action === "verify") found.push([["steps", at, "condition"], step.condition]);
    if ("verify" in step && step.verify) found.push([["steps", at, "verify"], step.verify]);
  });
  return found;
}

/** Actions on programs that Evenkeel runs. */
const onProcesses: ReadonlySet<StepConfig["action"]> = new Set([
  "restart_service",
  "scale",
  "rollback",
]);

function checkStep(step: StepConfig, path: Path, config: RootConfig, report: Report): void {
  if (!("target" in step) || step.target === undefined) return;
  const { target, action } = step;
  const key = [...path, "target"];
  const processes = Object.keys(config.processes);
  const upstreams = Object.keys(config.upstreams);
  const process = processOf(target, processes);
  const isUpstream = upstreams.some((name) => target === name || target.startsWith(`${name}/`));
  if (process === undefined && !isUpstream) {
    const known = onProcesses.has(action) ? processes : [...processes, ...upstreams];
    const what = onProcesses.has(action) ? "process" : "process or upstream";
    const hint = didYouMean(nearest(target, known));
    report(key, `there is no such ${what}`, { hint, showGot: true });
  } else if (process === undefined && onProcesses.has(action)) {
    const hint = "name one of processes";
    report(key, `${action} needs a process that Evenkeel runs`, { hint, showGot: true });
  } else if (process !== undefined && target !== process && wholeOnly.has(action)) {
    report(key, `${action} is for a whole process`, { hint: `write ${process}`, showGot: true });
  }
  if (process === undefined) checkEndpoint(target, key, config, report);
  else if (process !== target) checkInstance(target, process, key, config, report);
}

const wholeOnly: ReadonlySet<StepConfig["action"]> = new Set(["scale", "rollback"]);

/** The process that a name is, or is an instance of. */
function processOf(target: string, processes: readonly string[]): string | undefined {
  if (processes.includes(target)) return target;
  const found = /^(.+)\.\d+$/.exec(target)?.[1];
  return found !== undefined && processes.includes(found) ? found : undefined;
}

function checkInstance(
  target: string,
  process: string,
  key: Path,
  config: RootConfig,
  report: Report,
): void {
  const index = Number(target.slice(process.length + 1));
  const { instances } = config.processes[process] as { readonly instances?: number };
  if (index >= 1 && (instances === undefined || index <= instances)) return;
  report(key, `${process} has instances 1 to ${instances}`, { showGot: true });
}

/** Endpoints that stand for instances come and go: only upstreams without processes are checked. */
function checkEndpoint(target: string, key: Path, config: RootConfig, report: Report): void {
  const [upstream, known] =
    Object.entries(config.upstreams).find(([name]) => target.startsWith(`${name}/`)) ?? [];
  if (upstream === undefined || !known) return;
  const processes = Object.values(config.processes) as readonly { readonly upstream?: unknown }[];
  if (processes.some((process) => process.upstream === upstream)) return;
  const names = known.endpoints.map(({ address }) => `${upstream}/${address.name}`);
  if (names.includes(target)) return;
  const hint = didYouMean(nearest(target, names));
  report(key, "there is no such endpoint", { hint, showGot: true });
}
