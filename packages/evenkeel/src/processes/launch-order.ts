/** From the settings of a process to what one instance of it is started with. */
import { join } from "node:path";
import type { ProcessSettings } from "../snapshot/process-settings.ts";
import type { LaunchOrder } from "./contract.ts";

/** All that a child inherits. */
const inherited = ["PATH", "HOME", "LANG", "TZ", "TMPDIR"] as const;

/** One start of one instance; the same for the same arguments. */
export function launchOrder(
  settings: ProcessSettings,
  start: { readonly run: string; readonly index: number; readonly port: number | undefined },
  environment: Readonly<Record<string, string | undefined>>,
): LaunchOrder {
  const { name } = settings;
  const { run, index, port } = start;
  const values: Readonly<Record<string, string>> = {
    "{{process}}": name,
    "{{instance}}": String(index),
    ...(port !== undefined && { "{{port}}": String(port) }),
  };
  const fill = (text: string): string =>
    text.replaceAll(/\{\{[a-z]+\}\}/g, (written) => values[written] ?? written);
  const paths = logPaths(settings, index);
  return {
    run,
    process: name,
    index,
    command: settings.command.map(fill),
    cwd: fill(settings.cwd),
    env: {
      ...inheritedFrom(environment),
      ...(port !== undefined && { PORT: String(port) }),
      EVENKEEL_INSTANCE: instanceName(name, index),
      ...Object.fromEntries(Object.entries(settings.env).map(([key, value]) => [key, fill(value)])),
    },
    user: settings.user,
    umask: settings.umask,
    stdoutPath: paths.out,
    stderrPath: paths.err ?? paths.out,
    notify: settings.ready.kind === "notify",
    port,
    fingerprint: settings.fingerprint,
  };
}

/** `NAME.INDEX`. */
export function instanceName(process: string, index: number): string {
  return `${process}.${index}`;
}

/** The files an instance writes to; `err` is undefined where there is one for both. */
export function logPaths(
  { name, logs }: Pick<ProcessSettings, "name" | "logs">,
  index: number,
): { readonly out: string; readonly err: string | undefined } {
  const path = join(logs.dir, instanceName(name, index));
  return { out: `${path}.log`, err: logs.separate ? `${path}.err.log` : undefined };
}

function inheritedFrom(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of inherited) {
    const value = environment[name];
    if (value !== undefined) found[name] = value;
  }
  return found;
}

/** Why there is no start: the ports it may have are taken. */
export function noPortFree({ host, ports = [] }: Pick<ProcessSettings, "host" | "ports">): string {
  return `found ${ports.length > 0 ? "none of its ports" : "no port"} free on ${host}`;
}
