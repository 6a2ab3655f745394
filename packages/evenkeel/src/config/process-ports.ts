/** Which processes have ports. */
import type { ProcessConfig } from "./schema/process.ts";

/** Ports to choose from, empty for any free one; undefined for a process without. */
export function portsOf(process: ProcessConfig): readonly number[] | undefined {
  if (process.ports) return process.ports;
  return process.upstream !== undefined || mentionsPort(process) ? [] : undefined;
}

/** Its instances get ports. */
export function assignsPort(process: ProcessConfig): boolean {
  return portsOf(process) !== undefined;
}

function mentionsPort({ command, env, cwd = "" }: ProcessConfig): boolean {
  return [...command, ...Object.values(env), cwd].some((text) => text.includes("{{port}}"));
}
