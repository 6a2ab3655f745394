/** What can be said about processes. */
import type { Command } from "commander";
import { adminClient, adminCommand, type AdminOptions } from "./admin-options.ts";
import {
  operateProcesses,
  scaleProcess,
  showLogs,
  signalProcess,
  type LogOptions,
} from "./processes.ts";
import { ps } from "./ps.ts";
import type { ShowOptions } from "./show-again.ts";
import type { Terminal } from "./terminal.ts";

const NAMES = "a process, one instance (NAME.1), or all";

/** Adds `ps`, `start`, `stop`, `restart`, `signal`, `scale`, `logs` and `rollback`; `reload` is
 * elsewhere, as it means the configuration where no process is named. */
export function addProcessCommands(program: Command, terminal: Terminal): void {
  adminCommand(program, "ps", "show the processes of a running Evenkeel")
    .option("--json", "as JSON", false)
    .option("--watch", "again every second", false)
    .action((options: AdminOptions & ShowOptions) =>
      ps(adminClient(options, terminal), options, terminal),
    );
  const words = [
    ["start", `start ${NAMES}`],
    ["stop", `drain and stop ${NAMES}; it stays so until it is started`],
    ["restart", `stop and start ${NAMES}; instances one after another`],
  ] as const;
  for (const [word, description] of words) {
    adminCommand(program, `${word} <name...>`, description).action(
      (names: string[], options: AdminOptions) =>
        operateProcesses(adminClient(options, terminal), word, names, terminal),
    );
  }
  adminCommand(
    program,
    "rollback <process>",
    "return to its settings before the last change",
  ).action((name: string, options: AdminOptions) =>
    operateProcesses(adminClient(options, terminal), "rollback", [name], terminal),
  );
  adminCommand(program, "signal <name> <signal>", `send a signal such as HUP to ${NAMES}`).action(
    (name: string, signal: string, options: AdminOptions) =>
      signalProcess(adminClient(options, terminal), name, signal, terminal),
  );
  adminCommand(program, "scale <process> <instances>", "set how many instances there are").action(
    (name: string, instances: string, options: AdminOptions) =>
      scaleProcess(adminClient(options, terminal), name, instances, terminal),
  );
  adminCommand(program, "logs <instance>", "show the end of an instance's output")
    .option("-f, --follow", "and what comes", false)
    .option("-n, --lines <number>", "how many lines", "100")
    .option("--err", "standard error, where it has a file of its own", false)
    .action((instance: string, options: AdminOptions & LogOptions) =>
      showLogs(adminClient(options, terminal), instance, options, terminal),
    );
}
