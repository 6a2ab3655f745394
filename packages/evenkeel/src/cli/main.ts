/** What bin/evenkeel.js calls. */
import { runCommandLine } from "./program.ts";
import { processTerminal } from "./terminal.ts";

/** What these print is not what they are for: they outlive whoever reads it. */
const serving: readonly string[] = ["run", "quick-start"];

/** Runs the command line of this process; resolves with the exit code. A reader of the output that
 * has seen enough, such as `head`, is no failure: other commands just end. */
export function main(words: readonly string[]): Promise<number> {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    if (!serving.includes(words[0] ?? "")) process.exit();
  });
  return runCommandLine(words, processTerminal);
}
