/** What can be said about incidents. */
import type { Command } from "commander";
import { adminClient, adminCommand, type AdminOptions } from "./admin-options.ts";
import { listIncidents, showIncident, signIncident, type IncidentsOptions } from "./incidents.ts";
import { nestedOptions } from "./nested-options.ts";
import type { Terminal } from "./terminal.ts";

/** Adds `incidents` with `show`, `ack` and `resolve`. */
export function addIncidentCommands(program: Command, terminal: Terminal): void {
  const incidents = adminCommand(program, "incidents", "show what went wrong and what was done")
    .option("--json", "as JSON", false)
    .option("--times", "how long detecting, mitigating and resolving took", false)
    .option("--limit <number>", "how many, up to 1000", "20")
    .option("--days <number>", "how far --times looks back", "90")
    .action((options: AdminOptions & IncidentsOptions) =>
      listIncidents(adminClient(options, terminal), options, terminal),
    );
  adminCommand(incidents, "show <id>", "one incident with its timeline")
    .option("--json", "as JSON", false)
    .action((id: string, _options: unknown, command: Command) => {
      const options = nestedOptions(command) as unknown as AdminOptions & { json: boolean };
      return showIncident(adminClient(options, terminal), id, options, terminal);
    });
  const words = [
    ["ack", "acknowledge", "say that you have seen it"],
    ["resolve", "resolve", "say that it is over; it is not begun again before its trigger ended"],
  ] as const;
  for (const [name, word, description] of words) {
    adminCommand(incidents, `${name} <id>`, description).action(
      (id: string, _options: unknown, command: Command) =>
        signIncident(
          adminClient(nestedOptions(command) as unknown as AdminOptions, terminal),
          word,
          id,
          terminal,
        ),
    );
  }
}
