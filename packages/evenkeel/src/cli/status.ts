/** `evenkeel status`. */
import type { StatusDocument } from "../admin/status.ts";
import type { AdminClient } from "./admin-client.ts";
import { showAgain, type ShowOptions } from "./show-again.ts";
import { renderStatus } from "./status-view.ts";
import { createPaint } from "./style.ts";
import type { Terminal } from "./terminal.ts";

export interface StatusOptions extends ShowOptions {
  /** Seconds that rates and percentiles look back. */
  readonly window: string;
}

/** Prints what a running Evenkeel says of itself; with `watch` it never returns. */
export function status(
  client: AdminClient,
  options: StatusOptions,
  terminal: Terminal,
): Promise<void> {
  const paint = createPaint(terminal.stdout, terminal.environment);
  const path = `/status?window=${encodeURIComponent(options.window)}`;
  const fetch = () => client.get(path) as Promise<StatusDocument>;
  return showAgain(options, terminal, fetch, (document, redraws) => {
    const { columns, rows } = terminal.stdout;
    // One less than there are: the line end behind the last would scroll the first away.
    const height = redraws && rows !== undefined ? rows - 1 : undefined;
    return renderStatus(document, Date.now(), paint, columns, height);
  });
}
