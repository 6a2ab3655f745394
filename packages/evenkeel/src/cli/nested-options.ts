/** Options of a command below one that has the same options. */
import type { Command } from "commander";

/** What was written counts, before or behind the command's name; the nearest first. */
export function nestedOptions(command: Command): Readonly<Record<string, unknown>> {
  const above = command.parent?.opts<Record<string, unknown>>() ?? {};
  const options: Record<string, unknown> = { ...above, ...command.opts() };
  for (const key of Object.keys(above)) {
    const isWritten = command.getOptionValueSource(key) === "cli";
    if (!isWritten && command.parent?.getOptionValueSource(key) === "cli") {
      options[key] = above[key];
    }
  }
  return options;
}
