/** Drills from the command line. */
import { setTimeout as sleep } from "node:timers/promises";
import type {
  DrillDocument,
  DrillReportDocument,
  DrillRunDocument,
} from "../admin/drill-document.ts";
import { renderPage } from "../report/render-page.ts";
import type { AdminClient } from "./admin-client.ts";
import { drillPage } from "./drill-page.ts";
import { drillLines, momentLine, reportLines } from "./drill-text.ts";
import { Failure } from "./failure.ts";
import { checkOutputs, writeOutput } from "./output-files.ts";
import { createPaint } from "./style.ts";
import type { Terminal } from "./terminal.ts";

const LOOK_EVERY_MS = 300;

export interface DrillReportOptions {
  readonly json: boolean;
  /** A file for the page. */
  readonly html: string | undefined;
}

/** Begins a drill, prints what happens as it happens, and ends with its verdict: a `Failure` unless it
 * passed. */
export async function runDrill(
  client: AdminClient,
  name: string,
  options: DrillReportOptions,
  terminal: Terminal,
): Promise<void> {
  checkOutputs({ json: undefined, html: options.html });
  const begun = await client.post(`/drills/${encodeURIComponent(name)}/run`);
  const { id } = begun as { readonly id: string };
  let told = 0;
  for (;;) {
    const report = await fetchReport(client, id);
    if (!options.json) {
      for (const { at, text } of report.timeline.slice(told)) {
        terminal.print(momentLine(report, at, text));
      }
    }
    told = report.timeline.length;
    if (report.verdict !== null) return show(report, options, terminal);
    await sleep(LOOK_EVERY_MS);
  }
}

/** Ends the drill under way; its faults are taken back at once. */
export async function abortDrill(client: AdminClient, terminal: Terminal): Promise<void> {
  await client.post("/drills/abort");
  terminal.print("aborted: all faults are taken back");
}

/** All drills with their last runs. */
export async function listDrills(
  client: AdminClient,
  { json }: { readonly json: boolean },
  terminal: Terminal,
): Promise<void> {
  const answer = (await client.get("/drills")) as { readonly drills: readonly DrillDocument[] };
  if (json) return terminal.print(JSON.stringify(answer, undefined, 2));
  const paint = createPaint(terminal.stdout, terminal.environment);
  for (const line of drillLines(answer.drills, paint)) terminal.print(line);
}

/** One run, or the last one where none is named. Fails only where there is no such run. */
export async function showDrill(
  client: AdminClient,
  id: string | undefined,
  options: DrillReportOptions,
  terminal: Terminal,
): Promise<void> {
  const report = await fetchReport(client, id ?? (await newestRun(client)));
  if (!options.json && options.html === undefined) {
    for (const { at, text } of report.timeline) terminal.print(momentLine(report, at, text));
  }
  print(report, options, terminal);
}

async function newestRun(client: AdminClient): Promise<string> {
  const { runs } = (await client.get("/drills")) as { readonly runs: readonly DrillRunDocument[] };
  const [newest] = runs;
  if (!newest) throw new Failure(1, 'no drill was ever run; try "evenkeel drill run NAME"');
  return newest.id;
}

async function fetchReport(client: AdminClient, id: string): Promise<DrillReportDocument> {
  return (await client.get(`/drills/runs/${encodeURIComponent(id)}`)) as DrillReportDocument;
}

function show(report: DrillReportDocument, options: DrillReportOptions, terminal: Terminal): void {
  print(report, options, terminal);
  if (report.verdict !== "passed") throw new Failure(1, `the drill ${report.verdict}`);
}

function print(report: DrillReportDocument, options: DrillReportOptions, terminal: Terminal): void {
  if (options.html !== undefined) {
    writeOutput(options.html, renderPage(drillPage(report)));
    terminal.warn(`the page is ${options.html}`);
  }
  if (options.json) return terminal.print(JSON.stringify(report, undefined, 2));
  const paint = createPaint(terminal.stdout, terminal.environment);
  for (const line of ["", ...reportLines(report, paint)]) terminal.print(line);
}
