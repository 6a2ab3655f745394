/** `evenkeel check`. */
import { loadConfig } from "../config/load.ts";
import { formatProblems } from "../config/problem.ts";
import { SlotAllocator } from "../config/slots.ts";
import { toDesired } from "../config/desired/to-desired.ts";
import type { Desired } from "../snapshot/desired.ts";
import { Failure } from "./failure.ts";
import type { Terminal } from "./terminal.ts";

/** Reads a file as `run` would, without running it: the summary line, after the warnings. Throws a
 * `Failure` with all problems. */
export function check(file: string, terminal: Terminal): void {
  const { desired, warnings } = readDesired(file);
  for (const warning of warnings) terminal.warn(`warning: ${warning}`);
  const also = warnings.length > 0 ? `; ${count(warnings.length, "warning")}` : "";
  terminal.print(`ok: ${summarize(desired)}${also}`);
}

/** What a file says. */
export interface ReadFile {
  readonly desired: Desired;
  readonly warnings: readonly string[];
  /** False where each start signs sticky cookies with a secret of its own. */
  readonly knowsStickySecret: boolean;
}

/** The desired state of a file, and its warnings as text. Throws a `Failure` with all problems. */
export function readDesired(file: string): ReadFile {
  const loaded = loadConfig(file);
  if (!loaded.ok) {
    const { problems } = loaded;
    throw new Failure(
      2,
      `${count(problems.length, "problem")} in ${file}`,
      formatProblems(problems),
    );
  }
  try {
    const desired = toDesired(loaded.config, new SlotAllocator(), 1);
    return {
      desired,
      warnings: loaded.warnings.map((one) => formatProblems([one])),
      knowsStickySecret: loaded.config.sticky_secret !== undefined,
    };
  } catch (error) {
    throw new Failure(2, `${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** "2 listeners, 14 routes, 3 upstreams (9 endpoints), 1 process (3 instances)"; nothing of processes
 * where there are none. */
export function summarize({ snapshot, processes }: Desired): string {
  const { listeners, routes, upstreams } = snapshot;
  const endpoints = upstreams.reduce((sum, upstream) => sum + upstream.endpoints.length, 0);
  const instances = processes.reduce((sum, process) => sum + process.instances, 0);
  return (
    `${count(listeners.length, "listener")}, ${count(routes.length, "route")}, ` +
    `${count(upstreams.length, "upstream")} (${count(endpoints, "endpoint")})` +
    (processes.length > 0
      ? `, ${count(processes.length, "process", "es")} (${count(instances, "instance")})`
      : "")
  );
}

const count = (number: number, noun: string, more = "s"): string =>
  `${number} ${noun}${number === 1 ? "" : more}`;
