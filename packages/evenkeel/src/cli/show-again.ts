/** Commands that show something of a running Evenkeel, once or again and again. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Terminal } from "./terminal.ts";

export interface ShowOptions {
  readonly json: boolean;
  /** Again every second until interrupted. */
  readonly watch: boolean;
}

const AGAIN_AFTER_MS = 1000;
/** Home and clear below: no flicker, no scroll-back lost. */
const REDRAW = "\u001B[H\u001B[2J";

/** Prints what `fetch` brings, as JSON or as `render` has it; with `watch` it never returns. `redraws`
 * says that the text will take the place of the one before, on a screen. */
export async function showAgain<Document>(
  { json, watch }: ShowOptions,
  terminal: Terminal,
  fetch: () => Promise<Document>,
  render: (document: Document, redraws: boolean) => string,
): Promise<void> {
  const redraws = watch && !json && terminal.stdout.isTTY === true;
  for (;;) {
    const document = await fetch();
    const text = json ? JSON.stringify(document, undefined, 2) : render(document, redraws);
    terminal.print(redraws ? REDRAW + text : text);
    if (!watch) return;
    await sleep(AGAIN_AFTER_MS);
  }
}
