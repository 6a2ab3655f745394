/**
 * What the terminal shows while the laboratory runs.
 */
import type { Place } from "../run/run-all.ts";
import type { Cell } from "../run/cell.ts";
import type { Progress } from "../run/run-cell.ts";
import { leftText, msText } from "./words.ts";

/** The line of a run under way. `meanCellMs` is what a cell took so far, undefined at first. */
export function progressText(
  { scenario, product, index, of }: Place,
  progress: Progress,
  meanCellMs: number | undefined,
): string {
  const left = meanCellMs === undefined ? "" : `  ${leftText(meanCellMs * (of - index))} left`;
  const { elapsedMs, sent, settled, failed, wrong } = progress;
  const clock = elapsedMs < 0 ? "warm-up" : `${(elapsedMs / 1_000).toFixed(1)} s`;
  const counts = `${settled} of ${sent} answered, ${failed} failed, ${wrong} wrong`;
  return `[${index + 1}/${of}] ${scenario.title}, ${product.name}: ${clock}  ${counts}${left}`;
}

/** The line of a finished run. */
export function finishedText({ scenario, product, index, of }: Place, { summary }: Cell): string {
  const { failed, wrong, p99Ms, worstMs } = summary;
  return `[${index + 1}/${of}] ${scenario.title}, ${product.name}: ${failed} failed, ${wrong} wrong, p99 ${msText(p99Ms)}, worst ${msText(worstMs)} ms`;
}
