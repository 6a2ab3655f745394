/**
 * What the figures were measured on.
 */
import { spawnSync } from "node:child_process";
import { cpus, release, totalmem } from "node:os";

/** The machine in the words of a report. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly kernel: string;
  readonly memoryGiB: number;
  /** How processes were bound to processors. */
  readonly pinning: string;
}

/** Looks at the machine this runs on. */
export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: cpus().length,
    kernel: release(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    pinning: canPin()
      ? "taskset: proxy on processor 0; load and origins on processor 1"
      : "none (one processor, or no taskset)",
  };
}

/** The command prefix that binds a proxy under test to its processor; empty where that's impossible. */
export function pinProxy(): string[] {
  return canPin() ? ["taskset", "-c", "0"] : [];
}

/** The command prefix for load generators and origins. */
export function pinLoad(): string[] {
  return canPin() ? ["taskset", "-c", "1"] : [];
}

/** The prefix for a load generator that polls: on the load's processor at idle priority, so that the
 * origins there run the moment they have something to do. */
export function pinIdleLoad(): string[] {
  return [...pinLoad(), ...(hasCommand("chrt") ? ["chrt", "--idle", "0"] : [])];
}

/** Tells whether a command is on the path, sbin folders included. */
export function hasCommand(name: string): boolean {
  return commandPath(name) !== undefined;
}

/** The absolute path of a command; undefined when there is none. */
export function commandPath(name: string): string | undefined {
  const found = spawnSync("sh", ["-c", `PATH="$PATH:/usr/sbin:/sbin" command -v ${name}`], {
    encoding: "utf8",
  });
  return found.status === 0 ? found.stdout.trim() : undefined;
}

/** The first match of a pattern in what a version command prints. */
export function versionOf(command: readonly string[], pattern: RegExp): string {
  const run = spawnSync(command[0]!, command.slice(1), { encoding: "utf8" });
  return pattern.exec(`${run.stdout}${run.stderr}`)?.[1] ?? "unknown";
}

let pinnable: boolean | undefined;
function canPin(): boolean {
  pinnable ??= cpus().length > 1 && spawnSync("taskset", ["-c", "1", "true"]).status === 0;
  return pinnable;
}
