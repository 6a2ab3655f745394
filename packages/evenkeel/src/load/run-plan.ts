/** Goes through the steps of a plan, decides when to stop, and looks for the knee between two. */
import type { Generator, StepLoad } from "./generator.ts";
import { judgeStep, type Judgement } from "./judge-step.ts";
import { findKnee, type Knee, nextBisection } from "./knee.ts";
import type { Slo } from "./slo.ts";
import type { Interval, StepMeasurement } from "./step-measurement.ts";

export interface BenchPlan {
  readonly mode: "open" | "closed";
  /** Requests per second, or connections in a closed loop; ascending. */
  readonly loads: readonly number[];
  /** Before the first step. */
  readonly warmUpMs: number;
  /** Before each further step. */
  readonly settleMs: number;
  readonly holdMs: number;
  /** Open loop only. */
  readonly maxConnections: number;
  readonly maxQueue: (load: number) => number;
  readonly slo: Slo;
  /** How many steps are measured after the first that missed. */
  readonly beyond: number;
  /** How often the bracket around the knee is halved. */
  readonly bisections: number;
  readonly polling: boolean;
}

export interface MeasuredStep {
  readonly load: number;
  readonly bisected: boolean;
  readonly measurement: StepMeasurement;
  readonly judgement: Judgement;
}

/** Follows a run as it goes. */
export interface PlanObserver {
  /** A step begins; `repeated` where the generator could not keep up the first time. */
  stepBegins(load: number, step: StepLoad, repeated: boolean): void;
  progress(load: number, interval: Interval): void;
  stepEnds(step: MeasuredStep): void;
}

export interface PlanOutcome {
  /** By load. */
  readonly steps: readonly MeasuredStep[];
  readonly knee: Knee;
}

/** Runs until the plan or `interrupted` ends it. A step that was cut short counts with what it has;
 * one that was cut within its warm-up does not. */
export async function runPlan(
  generator: Pick<Generator, "run">,
  plan: BenchPlan,
  observer: PlanObserver,
  interrupted: () => boolean = () => false,
): Promise<PlanOutcome> {
  const steps: MeasuredStep[] = [];
  let isFirst = true;
  const measure = async (load: number, bisected: boolean): Promise<MeasuredStep | undefined> => {
    let step: MeasuredStep | undefined;
    // What disturbed the generator may have been a moment's: it gets a second chance.
    for (let attempt = 1; attempt <= 2 && !interrupted(); attempt++) {
      const order = stepLoad(plan, load, isFirst);
      isFirst = false;
      observer.stepBegins(load, order, attempt > 1);
      const measurement = await generator.run(order, (interval) =>
        observer.progress(load, interval),
      );
      if (measurement.windowMs === 0) break;
      const ratePerSecond = plan.mode === "open" ? load : undefined;
      const polling = plan.polling && plan.mode === "open";
      const judgement = judgeStep(measurement, { slo: plan.slo, polling, ratePerSecond });
      step = { load, bisected, measurement, judgement };
      observer.stepEnds(step);
      if (judgement.verdict !== "invalid") break;
    }
    if (step) steps.push(step);
    return step;
  };
  await climb(plan, measure, interrupted);
  for (let left = plan.bisections; left > 0 && !interrupted(); left--) {
    const load = nextBisection(findKnee(judged(steps)));
    if (load === undefined || !(await measure(load, true))) break;
  }
  return { steps: steps.toSorted((a, b) => a.load - b.load), knee: findKnee(judged(steps)) };
}

async function climb(
  plan: BenchPlan,
  measure: (load: number, bisected: boolean) => Promise<MeasuredStep | undefined>,
  interrupted: () => boolean,
): Promise<void> {
  let beyond: number | undefined;
  for (const load of plan.loads) {
    if (interrupted() || beyond === 0) return;
    const step = await measure(load, false);
    if (!step || step.judgement.verdict === "invalid") return;
    if (beyond !== undefined) beyond--;
    else if (step.judgement.verdict === "missed") beyond = plan.beyond;
  }
}

const judged = (
  steps: readonly MeasuredStep[],
): { load: number; verdict: Judgement["verdict"] }[] =>
  steps.map(({ load, judgement }) => ({ load, verdict: judgement.verdict }));

function stepLoad(plan: BenchPlan, load: number, isFirst: boolean): StepLoad {
  const times = { warmUpMs: isFirst ? plan.warmUpMs : plan.settleMs, holdMs: plan.holdMs };
  if (plan.mode === "closed") return { mode: "closed", ...times, connections: load };
  return {
    mode: "open",
    ...times,
    ratePerSecond: load,
    maxConnections: plan.maxConnections,
    maxQueue: plan.maxQueue(load),
  };
}
