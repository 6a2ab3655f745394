/** How commands say which Evenkeel they speak to. */
import type { Command } from "commander";
import { createAdminClient, type AdminClient } from "./admin-client.ts";
import type { Terminal } from "./terminal.ts";

export interface AdminOptions {
  readonly admin: string;
  readonly tokenFile: string | undefined;
}

const DEFAULT_ADMIN = "http://127.0.0.1:9900";

/** Adds a command that speaks to a running Evenkeel. */
export function adminCommand(parent: Command, name: string, description: string): Command {
  return parent
    .command(name)
    .description(description)
    .option("--admin <url>", "the admin address", DEFAULT_ADMIN)
    .option("--token-file <file>", "file with the admin token; or set EVENKEEL_TOKEN");
}

/** The client such a command works by. */
export function adminClient(options: AdminOptions, terminal: Terminal): AdminClient {
  const { admin, tokenFile } = options;
  return createAdminClient({ url: admin, tokenFile }, terminal.environment);
}
