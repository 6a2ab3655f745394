/** What can be said about recovery plans. */
import type { Command } from "commander";
import type { AdminClient } from "./admin-client.ts";
import { adminClient, adminCommand, type AdminOptions } from "./admin-options.ts";
import { answerRun, freezePlans, listPlans, runPlan } from "./plans.ts";
import { nestedOptions } from "./nested-options.ts";
import type { Terminal } from "./terminal.ts";

/** Adds `plans` with `run`, `answer`, `freeze` and `thaw`. */
export function addPlanCommands(program: Command, terminal: Terminal): void {
  // Options before and behind the word count alike.
  const client = (command: Command): AdminClient =>
    adminClient(nestedOptions(command) as unknown as AdminOptions, terminal);
  const plans = adminCommand(program, "plans", "show recovery plans and what they are at")
    .option("--json", "as JSON", false)
    .action((options: AdminOptions & { json: boolean }) =>
      listPlans(adminClient(options, terminal), options, terminal),
    );
  adminCommand(plans, "run <plan> <object>", "run a plan on an object now").action(
    (plan: string, object: string, _options: unknown, command: Command) =>
      runPlan(client(command), plan, object, terminal),
  );
  adminCommand(plans, "answer <run> <answer>", 'answer what a run asks: "go" or "stop"').action(
    (run: string, answer: string, _options: unknown, command: Command) =>
      answerRun(client(command), run, answer, terminal),
  );
  adminCommand(plans, "freeze [reason...]", "let no plan begin anything").action(
    (reason: string[], _options: unknown, command: Command) =>
      freezePlans(client(command), "freeze", reason.join(" "), terminal),
  );
  adminCommand(plans, "thaw", "let plans act again").action((_options: unknown, command: Command) =>
    freezePlans(client(command), "thaw", "", terminal),
  );
}
