/** `evenkeel ps`. */
import type { ProcessesDocument } from "../admin/process-document.ts";
import type { AdminClient } from "./admin-client.ts";
import { renderProcesses } from "./ps-view.ts";
import { showAgain, type ShowOptions } from "./show-again.ts";
import { createPaint } from "./style.ts";
import type { Terminal } from "./terminal.ts";

/** Prints the processes of a running Evenkeel; with `watch` it never returns. */
export function ps(client: AdminClient, options: ShowOptions, terminal: Terminal): Promise<void> {
  const paint = createPaint(terminal.stdout, terminal.environment);
  const fetch = () => client.get("/processes") as Promise<ProcessesDocument>;
  return showAgain(options, terminal, fetch, ({ processes }) =>
    renderProcesses(processes, Date.now(), paint, terminal.stdout.columns),
  );
}
