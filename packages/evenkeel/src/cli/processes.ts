/** The operator's word on processes. */
import type { ProcessesDocument } from "../admin/process-document.ts";
import type { AdminClient } from "./admin-client.ts";
import { Failure } from "./failure.ts";
import { renderProcesses } from "./ps-view.ts";
import { createPaint } from "./style.ts";
import type { Terminal } from "./terminal.ts";

export type ProcessOperation = "start" | "stop" | "restart" | "reload" | "rollback";

/** Draining and starting take as long as they are allowed to. */
const PATIENCE_MS = 3_600_000;

/** Starts, stops, restarts or replaces what these names mean, one after the other, and prints how it
 * stands. */
export async function operateProcesses(
  client: AdminClient,
  operation: ProcessOperation,
  names: readonly string[],
  terminal: Terminal,
): Promise<void> {
  for (const name of names) {
    tell(await client.post(pathOf(name, operation), undefined, PATIENCE_MS), terminal);
  }
}

/** Sends a signal. */
export async function signalProcess(
  client: AdminClient,
  name: string,
  signal: string,
  terminal: Terminal,
): Promise<void> {
  tell(await client.post(pathOf(name, "signal"), { signal }), terminal);
}

/** Sets how many instances there are, until the configuration changes it. */
export async function scaleProcess(
  client: AdminClient,
  name: string,
  instances: string,
  terminal: Terminal,
): Promise<void> {
  if (!/^\d{1,4}$/.test(instances)) {
    throw new Failure(2, `a number of instances is wanted, not "${instances}"`);
  }
  const body = { instances: Number(instances) };
  tell(await client.put(pathOf(name, "instances"), body, PATIENCE_MS), terminal);
}

export interface LogOptions {
  readonly follow: boolean;
  readonly lines: string;
  readonly err: boolean;
}

/** Prints the end of an instance's log; with `follow` also what comes, until interrupted. */
export async function showLogs(
  client: AdminClient,
  instance: string,
  options: LogOptions,
  terminal: Terminal,
): Promise<void> {
  const query = new URLSearchParams({ lines: options.lines });
  if (options.follow) query.set("follow", "1");
  if (options.err) query.set("stream", "err");
  let begun = "";
  await client.read(`${pathOf(instance, "logs")}?${query.toString()}`, (text) => {
    const lines = (begun + text).split("\n");
    begun = lines.pop() ?? "";
    if (lines.length > 0) terminal.print(lines.join("\n"));
  });
  if (begun !== "") terminal.print(begun);
}

function pathOf(name: string, word: string): string {
  return `/processes/${encodeURIComponent(name)}/${word}`;
}

function tell(answer: unknown, terminal: Terminal): void {
  const { processes } = answer as ProcessesDocument;
  const paint = createPaint(terminal.stdout, terminal.environment);
  terminal.print(renderProcesses(processes, Date.now(), paint, terminal.stdout.columns));
}
