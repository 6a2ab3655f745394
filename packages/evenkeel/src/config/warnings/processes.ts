/** Processes that will surprise. */
import { formatAddress } from "../../lib/address.ts";
import type { Config } from "../config.ts";
import type { Problem } from "../problem.ts";
import { portsOf } from "../process-ports.ts";
import type { ProcessConfig } from "../schema/process.ts";
import type { Path, Source } from "../source/source.ts";

type Warn = (key: Path, rule: string) => void;

/** All processes, in order. */
export function warnOfProcesses(config: Config, source: Source): Problem[] {
  const problems: Problem[] = [];
  for (const [name, process] of Object.entries(config.processes)) {
    const warn: Warn = (key, rule) =>
      problems.push(
        source.problemAt(["processes", name, ...key], rule, { atKey: key.length === 0 }),
      );
    warnOfPorts(process, config, warn);
    warnOfPlaceholders(process, warn);
    warnOfShell(process, warn);
    warnOfMemory(process, warn);
    warnOfOrder(process, config, warn);
    warnOfWaiting(process, warn);
  }
  return problems;
}

function warnOfPorts(process: ProcessConfig, config: Config, warn: Warn): void {
  const { ports, instances, upstream, host, env, command } = process;
  const isToldElse = [...command, env["PORT"]].some((text) => text?.includes("{{port}}"));
  if (env["PORT"] !== undefined && !isToldElse && portsOf(process)) {
    warn(["env", "PORT"], "hides the port that each instance is given; leave it out");
  }
  if (upstream === undefined) return;
  if (ports && ports.length === instances && instances > 0) {
    const rule =
      "has no port to spare: a replacement starts only after the old instance stopped (one more lets it be ready first)";
    warn(["ports"], rule);
  }
  const addresses = new Set((portsOf(process) ?? []).map((port) => formatAddress({ host, port })));
  const both = config.upstreams[upstream]?.endpoints.find(({ address }) =>
    addresses.has(address.name),
  );
  if (both) {
    warn(
      ["ports"],
      `${both.address.name} is an endpoint in the file, too: that one gets traffic whatever the process does`,
    );
  }
}

const known: readonly string[] = ["port", "instance", "process"];

function warnOfPlaceholders({ command, env, cwd = "" }: ProcessConfig, warn: Warn): void {
  const look = (text: string, key: Path): void => {
    for (const [written, name = ""] of text.matchAll(/\{\{([^{}]*)\}\}/g)) {
      if (!known.includes(name)) warn(key, `${written} means nothing here and stays as it is`);
    }
  };
  command.forEach((text, at) => look(text, ["command", at]));
  for (const [name, text] of Object.entries(env)) look(text, ["env", name]);
  look(cwd, ["cwd"]);
}

const shells = /(^|\/)(ba|da|k|z|fi)?sh$/;
const operators: readonly string[] = ["&&", "||", "|", ";", "&", ">", ">>", "<", "2>&1"];

/** What only a shell would understand, handed to a program. */
function warnOfShell({ command }: ProcessConfig, warn: Warn): void {
  if (shells.test(command[0] ?? "")) return;
  const word = command.find(
    (one) => operators.includes(one) || /^~(\/|$)|^\$[A-Z_]/i.test(one) || /^\d?>{1,2}\S/.test(one),
  );
  if (word === undefined) return;
  const rule = `is run without a shell: ${word} is handed to it as it is written`;
  warn(["command"], `${rule} (with one: [sh, -c, "…"])`);
}

/** A bound below what any program takes is a slip: 100 is 100 bytes. */
const LEAST_MEMORY_BYTES = 1024 * 1024;

function warnOfMemory({ memory }: ProcessConfig, warn: Warn): void {
  if (memory > 0 && memory < LEAST_MEMORY_BYTES) {
    warn(
      ["memory"],
      `is ${memory} bytes, less than any program takes: it is replaced again and again`,
    );
  }
}

function warnOfOrder(process: ProcessConfig, config: Config, warn: Warn): void {
  process.depends_on.forEach((other, at) => {
    if (process.autostart && config.processes[other]?.autostart === false) {
      warn(["depends_on", at], `waits for ${other}, which does not start by itself`);
    }
  });
}

function warnOfWaiting({ restart, ready }: ProcessConfig, warn: Warn): void {
  if (restart.limit && restart.then === "slow" && restart.slow < restart.delays.at(-1)!) {
    warn(["restart", "slow"], "is shorter than the last of delays: a crash loop would be quicker");
  }
  if (ready && ready.uptime === undefined && ready.timeout < ready.interval) {
    warn(["ready", "timeout"], "is shorter than interval: it is asked once");
  }
}
