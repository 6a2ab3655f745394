/** What is seen while a bench runs: one line that changes on a terminal, a line now and then
 * otherwise. It goes to standard error, so that the result alone is on standard output. */
import { formatDuration } from "../lib/duration.ts";
import type { StepLoad } from "../load/generator.ts";
import { percentileUs } from "../load/latency-histogram.ts";
import { formatAmount, formatPercent, formatUs } from "../load/number-format.ts";
import type { BenchPlan, MeasuredStep, PlanObserver } from "../load/run-plan.ts";
import type { Interval } from "../load/step-measurement.ts";
import { measuredCells } from "../load/step-table.ts";
import { toStep } from "../load/write-result.ts";
import type { Paint } from "./style.ts";

/** Where progress is written. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export interface ProgressOptions {
  readonly stream: ProgressStream;
  readonly plan: Pick<BenchPlan, "mode" | "loads" | "holdMs" | "settleMs">;
  /** Before each step's name, such as a policy's; empty for nothing. */
  readonly label: string;
  readonly nowMs: () => number;
  readonly paint: Paint;
}

/** On a stream that is no terminal, a line is written this often. */
const lineEveryMs = 5_000;

/** Follows one run. */
export class BenchProgress implements PlanObserver {
  readonly #options: ProgressOptions;
  #done = 0;
  #stepEndsAtMs = 0;
  #warmUpEndsAtMs = 0;
  #wroteAtMs = 0;
  #second = Number.NaN;

  constructor(options: ProgressOptions) {
    this.#options = options;
  }

  stepBegins(load: number, { warmUpMs, holdMs }: StepLoad, repeated: boolean): void {
    const nowMs = this.#options.nowMs();
    this.#warmUpEndsAtMs = nowMs + warmUpMs;
    this.#stepEndsAtMs = this.#warmUpEndsAtMs + holdMs;
    this.#wroteAtMs = nowMs;
    if (repeated) this.#line("the generator could not keep up; this step once more");
    this.#show(`${this.#name(load)}: ${warmUpMs > 0 ? "warming up" : "starting"}`);
  }

  progress(load: number, interval: Interval): void {
    const nowMs = this.#options.nowMs();
    const isTerminal = this.#options.stream.isTTY === true;
    // The last of the warm-up may be much shorter than a second, and so may what follows the step.
    if (interval.second === 0 || nowMs > this.#stepEndsAtMs + 500) return;
    if (!isTerminal && nowMs - this.#wroteAtMs < lineEveryMs) return;
    if (!isTerminal && interval.second === this.#second) return;
    this.#second = interval.second;
    this.#wroteAtMs = nowMs;
    const text = progressText(interval, {
      name: this.#name(load),
      warmingUp: nowMs < this.#warmUpEndsAtMs,
      stepLeftMs: this.#stepEndsAtMs - nowMs,
      runLeftMs: this.#stepEndsAtMs - nowMs + this.#furtherMs(),
    });
    if (isTerminal) this.#show(text);
    else this.#line(text);
  }

  stepEnds(step: MeasuredStep): void {
    if (step.judgement.verdict !== "invalid") this.#done++;
    this.#line(stepText(this.#name(step.load), step, this.#options.paint));
  }

  /** Takes the changing line away. */
  close(): void {
    this.#show("");
  }

  #furtherMs(): number {
    const { loads, holdMs, settleMs } = this.#options.plan;
    return Math.max(0, loads.length - this.#done - 1) * (holdMs + settleMs);
  }

  #name(load: number): string {
    const { plan, label } = this.#options;
    const unit = plan.mode === "open" ? "/s" : load === 1 ? " connection" : " connections";
    return `${label === "" ? "" : `${label}, `}${formatAmount(load)}${unit}`;
  }

  #show(text: string): void {
    const { stream } = this.#options;
    if (stream.isTTY !== true) return;
    // Some terminals say 0 for a width they don't know.
    const room = (stream.columns || 80) - 1;
    stream.write(`\r\u001b[2K${text.slice(0, room)}`);
  }

  #line(text: string): void {
    this.#show("");
    this.#options.stream.write(`${text}\n`);
  }
}

/** "500/s: now 499/s, p50 2.10 ms, p99 8.90 ms, no errors; 12s left (at most 3m10s in all)". */
export function progressText(
  { latency, failures }: Interval,
  state: {
    readonly name: string;
    readonly warmingUp: boolean;
    readonly stepLeftMs: number;
    readonly runLeftMs: number;
  },
): string {
  const settled = latency.totalCount + failures;
  const errors =
    failures === 0 ? "no errors" : `errors ${formatPercent((failures * 100) / settled)}`;
  const left = (ms: number): string => formatDuration(Math.max(0, Math.round(ms / 1_000)) * 1_000);
  const further = state.runLeftMs - state.stepLeftMs;
  return (
    `${state.name}: ${state.warmingUp ? "warm-up, " : ""}now ${formatAmount(latency.totalCount)}/s, ` +
    `p50 ${formatUs(percentileUs(latency, 50))}, p99 ${formatUs(percentileUs(latency, 99))}, ${errors}; ` +
    `${left(state.stepLeftMs)} left${further > 0 ? ` (at most ${left(state.runLeftMs)} in all)` : ""}`
  );
}

function stepText(name: string, step: MeasuredStep, paint: Paint): string {
  const [achieved = "", p50 = "", , p99 = "", , , , verdict = ""] = measuredCells(toStep(step)).map(
    (cell) => (typeof cell === "string" ? cell : cell.text),
  );
  const color = { met: "green", missed: "red", invalid: "yellow" } as const;
  return `${name}: ${achieved}/s, p50 ${p50}, p99 ${p99}: ${paint(color[step.judgement.verdict], verdict)}`;
}
