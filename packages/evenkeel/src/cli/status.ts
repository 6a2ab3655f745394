/** `evenkeel status`. */
import { setTimeout as sleep } from "node:timers/promises";
import type { StatusDocument } from "../admin/status.ts";
import type { AdminClient } from "./admin-client.ts";
import { renderStatus } from "./status-view.ts";
import { createPaint } from "./style.ts";
import type { Terminal } from "./terminal.ts";

export interface StatusOptions {
  readonly json: boolean;
  /** Again every second until interrupted. */
  readonly watch: boolean;
  /** Seconds that rates and percentiles look back. */
  readonly window: string;
}

const AGAIN_AFTER_MS = 1000;
/** Home and clear below: no flicker, no scroll-back lost. */
const REDRAW = "\u001B[H\u001B[2J";

/** Prints what a running Evenkeel says of itself; with `watch` it never returns. */
export async function status(
  client: AdminClient,
  options: StatusOptions,
  terminal: Terminal,
): Promise<void> {
  const paint = createPaint(terminal.stdout, terminal.environment);
  const path = `/status?window=${encodeURIComponent(options.window)}`;
  do {
    const document = (await client.get(path)) as StatusDocument;
    const redraw = options.watch && !options.json && terminal.stdout.isTTY === true;
    const { columns, rows } = terminal.stdout;
    // One less than there are: the line end behind the last would scroll the first away.
    const height = redraw && rows !== undefined ? rows - 1 : undefined;
    const text = options.json
      ? JSON.stringify(document, undefined, 2)
      : renderStatus(document, Date.now(), paint, columns, height);
    terminal.print(redraw ? REDRAW + text : text);
    if (options.watch) await sleep(AGAIN_AFTER_MS);
  } while (options.watch);
}
