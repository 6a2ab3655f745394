/** What can be said about drills. */
import type { Command } from "commander";
import { adminClient, adminCommand, type AdminOptions } from "./admin-options.ts";
import { abortDrill, listDrills, runDrill, showDrill, type DrillReportOptions } from "./drill.ts";
import type { Terminal } from "./terminal.ts";

/** Adds `drill run|list|report|abort`. */
export function addDrillCommands(program: Command, terminal: Terminal): void {
  const drill = program
    .command("drill")
    .description("put faults in on purpose and see whether what should heal heals");
  adminCommand(drill, "run <name>", "run a drill and follow it; fails unless it passed")
    .option("--json", "the report as JSON", false)
    .option("--html <file>", "the report as a page")
    .action((name: string, options: AdminOptions & DrillReportOptions) =>
      runDrill(adminClient(options, terminal), name, options, terminal),
    );
  adminCommand(drill, "list", "show all drills and their last runs")
    .option("--json", "as JSON", false)
    .action((options: AdminOptions & { json: boolean }) =>
      listDrills(adminClient(options, terminal), options, terminal),
    );
  adminCommand(drill, "report [id]", "show a run, the last one where none is named")
    .option("--json", "as JSON", false)
    .option("--html <file>", "as a page")
    .action((id: string | undefined, options: AdminOptions & DrillReportOptions) =>
      showDrill(adminClient(options, terminal), id, options, terminal),
    );
  adminCommand(drill, "abort", "end the drill under way and take its faults back").action(
    (options: AdminOptions) => abortDrill(adminClient(options, terminal), terminal),
  );
}
