/** `evenkeel bench URL`. */
import { benchPage, latenessNote, meaningOf, verdictText } from "../load/bench-page.ts";
import type { BenchResult } from "../load/bench-result.ts";
import { comparisonNotes, comparisonTable } from "../load/comparison-view.ts";
import { formatExpected } from "../load/expected-statuses.ts";
import { kneeRule } from "../load/knee.ts";
import { formatAmount } from "../load/number-format.ts";
import { stepNotes, stepTable } from "../load/step-table.ts";
import { watchInterrupt } from "./bench-interrupt.ts";
import { connectionsThatFit, readSystemLimits, requireConnections } from "./bench-limits.ts";
import { type BenchOptions, type BenchWords, readBenchOptions, readUrl } from "./bench-options.ts";
import { BenchProgress } from "./bench-progress.ts";
import { measure, prepareRequest } from "./bench-run.ts";
import { tableLines } from "./bench-table.ts";
import { readEarlier } from "./earlier-result.ts";
import { checkOutputs, writeOutputs } from "./output-files.ts";
import { createPaint } from "./style.ts";
import type { Terminal } from "./terminal.ts";

/** Runs the load, shows what came of it and writes the files that are wanted. Resolves with the exit
 * code; throws a `Failure` where nothing can be measured. */
export async function runBench(
  urlText: string | undefined,
  words: BenchWords,
  terminal: Terminal,
): Promise<number> {
  const url = readUrl(urlText);
  const limits = readSystemLimits();
  const options = readBenchOptions(words, connectionsThatFit(limits));
  const files = { json: words.json, html: words.html };
  checkOutputs(files);
  const earlier = words.compare === undefined ? undefined : readEarlier(words.compare);
  requireConnections(mostConnectionsOf(options), limits);
  using interrupt = watchInterrupt();
  const { request, status } = await prepareRequest(url, options);
  warnOfStatus(status, options, terminal);
  const progress = new BenchProgress({
    stream: process.stderr,
    plan: options.plan,
    label: "",
    nowMs: () => performance.now(),
    paint: createPaint(process.stderr, terminal.environment),
  });
  const result = await measure(request, options, progress, interrupt).finally(() =>
    progress.close(),
  );
  for (const line of resultLines(result, earlier, terminal)) terminal.print(line);
  writeOutputs(files, result, () => benchPage(result, earlier), terminal);
  return exitCodeOf(result);
}

/** The most connections that a run may have open at once. */
export function mostConnectionsOf({ plan }: BenchOptions): number {
  return plan.mode === "closed" ? Math.max(...plan.loads) : plan.maxConnections;
}

/** 0 where the lowest step met its SLO and the run went to its end. */
export function exitCodeOf({ knee, interrupted }: BenchResult): 0 | 1 {
  return !interrupted && (knee.kind === "found" || knee.kind === "at-least") ? 0 : 1;
}

/** Says when the first answer is not one of those that are expected: all others will be the same. */
export function warnOfStatus(status: number, { expected }: BenchOptions, terminal: Terminal): void {
  if (expected.some(([from, to]) => status >= from && status <= to)) return;
  terminal.warn(
    `warning: the first answer was ${status}; only ${formatExpected(expected)} counts as fine ` +
      `(--expect ${status} changes that)`,
  );
}

function resultLines(
  result: BenchResult,
  earlier: BenchResult | undefined,
  terminal: Terminal,
): string[] {
  const { settings, steps } = result;
  const paint = createPaint(terminal.stdout, terminal.environment);
  const lateness = latenessNote(result);
  const unit = settings.mode === "open" ? "/s" : " connections";
  const lines = [
    "",
    `${settings.method} ${settings.url}, ${settings.mode} loop, SLO ${settings.slo}`,
    ...tableLines(stepTable(result), paint),
    "",
    ...steps.flatMap((step) =>
      stepNotes(step, settings).map((note) => `${formatAmount(step.load)}${unit}: ${note}`),
    ),
    paint("bold", verdictText(result)),
    ...(steps.length > 1 ? [`(Knee: ${kneeRule}.)`] : []),
    meaningOf(settings.mode),
    ...(lateness === undefined ? [] : [lateness]),
    ...(result.interrupted ? ["Interrupted: this is what was measured by then."] : []),
  ];
  if (!earlier) return lines;
  return [
    ...lines,
    "",
    "Against the earlier run:",
    ...tableLines(comparisonTable(earlier, result), paint),
    ...comparisonNotes(earlier, result),
  ];
}
