/** What can be said about alerts. */
import type { Command } from "commander";
import { adminClient, adminCommand, type AdminOptions } from "./admin-options.ts";
import {
  acknowledgeAlert,
  endSilence,
  showAlerts,
  showSilences,
  silenceAlerts,
  testReceiver,
  type SilenceOptions,
} from "./alerts.ts";
import type { Terminal } from "./terminal.ts";

interface Json {
  readonly json: boolean;
}

/** Adds `alerts` and what is below it. */
export function addAlertCommands(program: Command, terminal: Terminal): void {
  const client = (options: AdminOptions) => adminClient(options, terminal);
  const alerts = adminCommand(program, "alerts", "show alerts; silence them, try receivers")
    // What stands behind a word below is that word's, though `alerts` itself knows it, too.
    .enablePositionalOptions()
    .option("--json", "as JSON", false)
    .action((options: AdminOptions & Json) =>
      showAlerts(client(options), options, terminal, Date.now()),
    );
  const add = (name: string, description: string): Command =>
    adminCommand(alerts, name, description);

  add("ack <key>", "somebody has seen it: no repeats until it resolves")
    .option("--by <name>", "who; USER where left out")
    .action((key: string, options: AdminOptions & { by?: string }) =>
      acknowledgeAlert(client(options), key, options.by, terminal),
    );
  add("silence", "keep what matches quiet for a while")
    .requiredOption("--match <label=value>", "such as severity=P1; may be repeated", collect, [])
    .requiredOption("--for <duration>", "such as 2h")
    .option("--comment <text>", "why", "")
    .option("--by <name>", "who; USER where left out")
    .action((options: AdminOptions & SilenceOptions) =>
      silenceAlerts(client(options), options, terminal),
    );
  add("silences", "show all silences")
    .option("--json", "as JSON", false)
    .action((options: AdminOptions & Json) => showSilences(client(options), options, terminal));
  add("unsilence <id>", "end a silence").action((id: string, options: AdminOptions) =>
    endSilence(client(options), id, terminal),
  );
  add("test <receiver>", "send a test notice and say what the receiver answered").action(
    (name: string, options: AdminOptions) => testReceiver(client(options), name, terminal),
  );
}

const collect = (text: string, before: readonly string[]): string[] => [...before, text];
