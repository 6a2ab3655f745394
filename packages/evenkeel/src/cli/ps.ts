/** `evenkeel ps`. */
import { setTimeout as sleep } from "node:timers/promises";
import type { ProcessesDocument } from "../admin/process-document.ts";
import type { AdminClient } from "./admin-client.ts";
import { renderProcesses } from "./ps-view.ts";
import { createPaint } from "./style.ts";
import type { Terminal } from "./terminal.ts";

export interface PsOptions {
  readonly json: boolean;
  /** Again every second until interrupted. */
  readonly watch: boolean;
}

const AGAIN_AFTER_MS = 1000;
/** Home and clear below: no flicker, no scroll-back lost. */
const REDRAW = "\u001B[H\u001B[2J";

/** Prints the processes of a running Evenkeel; with `watch` it never returns. */
export async function ps(
  client: AdminClient,
  options: PsOptions,
  terminal: Terminal,
): Promise<void> {
  const paint = createPaint(terminal.stdout, terminal.environment);
  do {
    const document = (await client.get("/processes")) as ProcessesDocument;
    const redraw = options.watch && !options.json && terminal.stdout.isTTY === true;
    const text = options.json
      ? JSON.stringify(document, undefined, 2)
      : renderProcesses(document.processes, Date.now(), paint, terminal.stdout.columns);
    terminal.print(redraw ? REDRAW + text : text);
    if (options.watch) await sleep(AGAIN_AFTER_MS);
  } while (options.watch);
}
