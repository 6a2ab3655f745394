/** What drills say together, and with the rest of the file. */
import { nearest } from "../../lib/edit-distance.ts";
import { didYouMean } from "../diagnose.ts";
import { cronProblem } from "../cron.ts";
import { nameRoutes } from "../route-names.ts";
import type { Problem } from "../problem.ts";
import type { DrillConfig, DrillFaultConfig } from "../schema/drill.ts";
import type { RootConfig } from "../schema/root.ts";
import type { Path, ProblemDetails, Source } from "../source/source.ts";
import { checkCondition } from "./signals.ts";

type Report = (key: Path, rule: string, more?: ProblemDetails) => void;

/** All drills, in order. */
export function checkDrills(config: RootConfig, source: Source): Problem[] {
  return Object.entries(config.drills).flatMap(([name, drill]) => {
    const path = ["drills", name];
    const problems: Problem[] = [];
    const report: Report = (key, rule, more) =>
      problems.push(source.problemAt([...path, ...key], rule, more));
    for (const key of ["steady_state", "abort_if"] as const) {
      drill[key].forEach((condition, at) => {
        const place = [...path, key, ...(drill[key].length > 1 ? [at] : [])];
        problems.push(...checkCondition(condition, place, config, source));
      });
    }
    drill.faults.forEach((fault, at) => checkFault(fault, ["faults", at], config, report));
    checkTimes(drill, report);
    checkSchedule(drill, report);
    checkPlan(drill, config, report);
    drill.report.forEach((receiver, at) => {
      const path = ["report", ...(drill.report.length > 1 ? [at] : [])];
      checkNameAt(receiver, "receiver", Object.keys(config.alerts.receivers), path, report);
    });
    return problems;
  });
}

const processFaults: readonly DrillFaultConfig["fault"][] = ["kill", "stop", "exit"];

/** The keys that belong to one fault alone. */
const ownKeys = {
  delay: ["latency"],
  jitter: ["latency"],
  status: ["abort"],
  rate: ["bandwidth"],
  process: processFaults,
} as const;
const trafficKeys = ["upstream", "endpoint", "route", "header"] as const;

function checkFault(fault: DrillFaultConfig, path: Path, config: RootConfig, report: Report): void {
  const hitsProcess = processFaults.includes(fault.fault);
  for (const [key, kinds] of Object.entries(ownKeys)) {
    const isWritten = fault[key as keyof typeof ownKeys] !== undefined;
    if (isWritten && !(kinds as readonly string[]).includes(fault.fault)) {
      report([...path, key], `is only for ${kinds.join(", ")}`, { atKey: true });
    }
  }
  for (const key of trafficKeys) {
    if (hitsProcess && fault[key] !== undefined) {
      report([...path, key], "is only for faults in traffic", { atKey: true });
    }
  }
  if (hitsProcess) checkProcessFault(fault, path, config, report);
  else checkTrafficFault(fault, path, config, report);
}

function checkProcessFault(
  { fault, process, for: lasts }: DrillFaultConfig,
  path: Path,
  config: RootConfig,
  report: Report,
): void {
  if (process === undefined) report(path, `${fault} needs process`);
  else checkName(process, Object.keys(config.processes), [...path, "process"], report);
  if (fault === "stop" && lasts === undefined) report(path, "stop needs for");
  if (fault !== "stop" && lasts !== undefined) {
    report([...path, "for"], `${fault} is over at once`, { atKey: true });
  }
}

function checkTrafficFault(
  fault: DrillFaultConfig,
  path: Path,
  config: RootConfig,
  report: Report,
): void {
  const { upstream, endpoint, route, pick } = fault;
  if (route !== undefined) checkName(route, nameRoutes(config.routes), [...path, "route"], report);
  if (fault.for === undefined) report(path, `${fault.fault} needs for`);
  if (fault.fault === "latency" && fault.delay === undefined) report(path, "latency needs delay");
  if (fault.fault === "bandwidth" && fault.rate === undefined) report(path, "bandwidth needs rate");
  if (upstream !== undefined) {
    checkName(upstream, Object.keys(config.upstreams), [...path, "upstream"], report);
  }
  if (endpoint !== undefined && upstream === undefined) {
    report([...path, "endpoint"], "needs upstream beside it", { atKey: true });
  }
  if (pick !== undefined && (upstream === undefined || endpoint !== undefined)) {
    report([...path, "pick"], "chooses among the endpoints of upstream", { atKey: true });
  }
}

function checkName(name: string, known: readonly string[], path: Path, report: Report): void {
  checkNameAt(name, String(path.at(-1)), known, path, report);
}

function checkNameAt(
  name: string,
  kind: string,
  known: readonly string[],
  path: Path,
  report: Report,
): void {
  if (known.includes(name)) return;
  const hint = didYouMean(nearest(name, known));
  report(path, `there is no such ${kind}`, { hint, showGot: true });
}

function checkTimes({ faults, max_duration: longest }: DrillConfig, report: Report): void {
  faults.forEach(({ at: begins, for: lasts = 0 }, at) => {
    if (begins + lasts < longest) return;
    report(["faults", at], "is not over before max_duration");
  });
}

function checkSchedule({ schedule, timezone }: DrillConfig, report: Report): void {
  if (schedule === undefined) return;
  const problem = cronProblem(schedule, timezone);
  if (problem)
    report([problem.key === "cron" ? "schedule" : "timezone"], problem.rule, { showGot: true });
}

function checkPlan({ expect: { plan } }: DrillConfig, config: RootConfig, report: Report): void {
  if (plan === undefined) return;
  const known = Object.keys(config.recovery_plans);
  if (known.includes(plan)) return;
  const hint = didYouMean(nearest(plan, known));
  report(["expect", "plan"], "there is no such recovery plan", { hint, showGot: true });
}
