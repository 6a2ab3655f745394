/** The command line: what can be said, and who does it. */
import { Command, CommanderError } from "commander";
import { run } from "../host/run.ts";
import { readVersion } from "../telemetry/version.ts";
import type { AdminClient } from "./admin-client.ts";
import { adminClient, adminCommand, type AdminOptions } from "./admin-options.ts";
import { addAlertCommands } from "./alert-commands.ts";
import { addBenchCommand } from "./bench-command.ts";
import { check } from "./check.ts";
import { addDrillCommands } from "./drill-commands.ts";
import { explain, type ExplainOptions } from "./explain.ts";
import { Failure } from "./failure.ts";
import { operate, reload, setWeight, type Operation } from "./operate.ts";
import { addIncidentCommands } from "./incident-commands.ts";
import { addPlanCommands } from "./plan-commands.ts";
import { addProcessCommands } from "./process-commands.ts";
import { operateProcesses } from "./processes.ts";
import { quickStart } from "./quick-start.ts";
import { status, type StatusOptions } from "./status.ts";
import type { Terminal } from "./terminal.ts";

const BAD_USAGE = 2;

/** Runs one command line (without the program's own name). The exit code: 0 fine, 1 failed at run
 * time, 2 bad usage or configuration; see `run` for those of a running Evenkeel. */
export async function runCommandLine(
  words: readonly string[],
  terminal: Terminal,
): Promise<number> {
  let exitCode = 0;
  const program = describe(terminal, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(words, { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : BAD_USAGE;
    if (!(error instanceof Failure)) throw error;
    if (error.details !== "") terminal.warn(error.details);
    terminal.warn(`evenkeel: ${error.message}`);
    return error.exitCode;
  }
}

function describe(terminal: Terminal, ended: (exitCode: number) => void): Command {
  const program = new Command("evenkeel")
    .description("Balances HTTP traffic over service instances and watches their health.")
    .version(readVersion(), "-V, --version", "print the version")
    .exitOverride()
    .showHelpAfterError('(see "evenkeel help")')
    .configureOutput({
      writeOut: (text) => terminal.print(text.trimEnd()),
      writeErr: (text) => terminal.warn(text.trimEnd()),
    })
    .addHelpText("after", "\nExit codes: 0 fine, 1 failed, 2 bad usage or configuration.");
  addFileCommands(program, terminal, ended);
  addAdminCommands(program, terminal);
  addBenchCommand(program, terminal, ended);
  addDrillCommands(program, terminal);
  addAlertCommands(program, terminal);
  addPlanCommands(program, terminal);
  addIncidentCommands(program, terminal);
  program
    .command("version")
    .description("print the version")
    .action(() => terminal.print(readVersion()));
  return program;
}

function addFileCommands(
  program: Command,
  terminal: Terminal,
  ended: (exitCode: number) => void,
): void {
  const file = ["-c, --config <file>", "the configuration file"] as const;
  program
    .command("run")
    .description("serve; SIGTERM finishes and ends, SIGHUP reads the file again, SIGUSR1 the logs")
    .requiredOption(...file)
    .option("--watch", "apply changes of the file by themselves", false)
    .action(async ({ config, watch }: { config: string; watch: boolean }) =>
      ended(await run({ configFile: config, watch })),
    );
  program
    .command("check")
    .description("say what is wrong with a configuration file")
    .requiredOption(...file)
    .action(({ config }: { config: string }) => check(config, terminal));
  program
    .command("explain")
    .description("say where a request would go, and why")
    .requiredOption(...file)
    .requiredOption("--request <line>", 'such as "GET http://shop.example/api/x"')
    .option("--header <line>", 'such as "X-Canary: yes"; may be repeated', collect, [])
    .option(
      "--client <address>",
      "where it comes from: the client, or a trusted proxy",
      "127.0.0.1",
    )
    .option("--listener <name>", "the listener it comes in by; the first where left out")
    .option("--admin <url>", "judge by the health that a running Evenkeel sees")
    .option("--token-file <file>", "file with the admin token; or set EVENKEEL_TOKEN")
    .action((options: ExplainOptions & { config: string } & Partial<AdminOptions>) =>
      explain(options.config, options, clientOf(options, terminal), terminal),
    );
  program
    .command("quick-start")
    .description("try it: three demo instances, a balancer before them, and what to do next")
    .option("--port <number>", "where the balancer listens", port, 8080)
    .option("--admin-port <number>", "where status, metrics and commands are", port, 9900)
    .action(async ({ port: web, adminPort: admin }: { port: number; adminPort: number }) =>
      ended(await quickStart(terminal, { web, admin })),
    );
}

function addAdminCommands(program: Command, terminal: Terminal): void {
  const withAdmin = (name: string, description: string): Command =>
    adminCommand(program, name, description);
  const client = (options: AdminOptions): AdminClient => adminClient(options, terminal);

  withAdmin("status", "show upstreams and endpoints of a running Evenkeel")
    .option("--watch", "again every second", false)
    .option("--json", "as JSON", false)
    .option("--window <seconds>", "how far rates and percentiles look back, up to 60", "10")
    .action((options: AdminOptions & StatusOptions) => status(client(options), options, terminal));
  const operations: readonly (readonly [Operation, string])[] = [
    ["drain", "no new clients for an endpoint; those bound to it stay"],
    ["undrain", "end a drain"],
    ["eject", "no requests at all for an endpoint"],
    ["restore", "end an ejection"],
  ];
  for (const [operation, description] of operations) {
    withAdmin(`${operation} <upstream> <endpoint>`, description).action(
      (upstream: string, endpoint: string, options: AdminOptions) =>
        operate(client(options), operation, upstream, endpoint, terminal),
    );
  }
  withAdmin("weight <upstream> <endpoint> <weight>", 'set a weight, or "default"').action(
    (upstream: string, endpoint: string, weight: string, options: AdminOptions) =>
      setWeight(client(options), upstream, endpoint, weight, terminal),
  );
  withAdmin(
    "reload [name...]",
    "have the configuration file read again; with names: replace processes one by one",
  ).action((names: string[], options: AdminOptions) =>
    names.length === 0
      ? reload(client(options), terminal)
      : operateProcesses(client(options), "reload", names, terminal),
  );
  addProcessCommands(program, terminal);
}

/** Undefined where no admin address is named. */
function clientOf(options: Partial<AdminOptions>, terminal: Terminal): AdminClient | undefined {
  const { admin, tokenFile } = options;
  return admin === undefined ? undefined : adminClient({ admin, tokenFile }, terminal);
}

function port(text: string): number {
  const number = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= 65_535) return number;
  throw new Failure(BAD_USAGE, `a port is a number from 1 to 65535, not "${text}"`);
}

const collect = (line: string, before: readonly string[]): string[] => [...before, line];
