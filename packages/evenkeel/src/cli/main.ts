/** What bin/evenkeel.js calls. */
import { runCommandLine } from "./program.ts";
import { processTerminal } from "./terminal.ts";

/** Runs the command line of this process; resolves with the exit code. */
export function main(words: readonly string[]): Promise<number> {
  return runCommandLine(words, processTerminal);
}
