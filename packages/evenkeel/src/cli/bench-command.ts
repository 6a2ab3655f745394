/** What can be said after `evenkeel bench`. */
import type { Command } from "commander";

import type { BenchWords } from "./bench-options.ts";
import type { PolicyWords } from "./bench-policy-options.ts";
import type { Terminal } from "./terminal.ts";

/** Adds the command and its subcommand to the program; `ended` is told the exit code. */
export function addBenchCommand(
  program: Command,
  terminal: Terminal,
  ended: (exitCode: number) => void,
): void {
  // Both commands take the same options: what stands after "policies" is for it alone.
  program.enablePositionalOptions();
  const bench = program
    .command("bench")
    .description("find out how much load a service carries, and how long its answers take")
    .argument("[url]", "what to ask for, such as http://127.0.0.1:8080/")
    .enablePositionalOptions()
    .action(async (url: string | undefined, words: BenchWords) => {
      // Loaded here: other commands start faster without it.
      const { runBench } = await import("./bench.ts");
      ended(await runBench(url, words, terminal));
    });
  addLoadOptions(bench);
  addOutputOptions(bench).option("--compare <file>", "show it beside an earlier run's JSON file");
  bench.addHelpText("after", examples);
  const policies = bench
    .command("policies")
    .description("compare balancing policies over the same endpoints and load")
    .requiredOption("-c, --config <file>", "the configuration file")
    .option("--upstream <name>", "whose policy is changed; may be left out where there is one")
    .option("--policies <list>", "such as round_robin,least_conn; default: all that fit")
    .option("--listener <name>", "the listener to send to; the first where left out")
    .option("--path <path>", "what to ask for", "/")
    .action(async (words: PolicyWords) => {
      const { runBenchPolicies } = await import("./bench-policies.ts");
      ended(await runBenchPolicies(words, terminal));
    });
  addLoadOptions(policies);
  addOutputOptions(policies);
}

function addLoadOptions(command: Command): void {
  command
    .option("--rate <number>", "open loop, one step: requests per second")
    .option("--connections <number>", "closed loop, one step: connections that never wait")
    .option("--from <number>", "steps: the lowest rate (with --closed: connections)")
    .option("--to <number>", "steps: the highest")
    .option(
      "--step <number>",
      "steps: how far apart, such as 500 or x1.5; default: a tenth of --to",
    )
    .option("--closed", "steps over connections, in a closed loop", false)
    .option("-d, --hold <duration>", "how long each step is measured", "20s")
    .option("--warm-up <duration>", "load before the first step that does not count", "10s")
    .option(
      "--settle <duration>",
      "the same before each further step; default: a fifth of --warm-up",
    )
    .option("--slo <bounds>", 'such as "p99<50ms,errors<0.1%"; default: errors<1%')
    .option("--beyond <number>", "steps measured after the first that missed", "1")
    .option("--bisect [number]", "look for the knee between two steps; halves so often (default 4)")
    .option(
      "--max-connections <number>",
      "open loop: most connections at once; default: 1000, or what fits",
    )
    .option(
      "--max-queue <number>",
      "open loop: most requests that wait for one; default: all until --timeout",
    )
    .option("--threads <number>", "threads of the generator; default: half the cores")
    .option(
      "--precise",
      "poll instead of dozing: exact to 20 us, but uses a core per thread",
      false,
    )
    .option("-X, --method <name>", "default: GET, or POST with a body")
    .option("-H, --header <line>", 'such as "X-Key: 1"; may be repeated', collect, [])
    .option("--body <text>", "the request's body")
    .option("--body-file <file>", "the same from a file")
    .option("--host <name>", "the Host header, and the name for TLS")
    .option("--sni <name>", "the name for TLS alone")
    .option("--insecure", "don't check the certificate", false)
    .option("--no-keep-alive", "a connection for each request")
    .option("--timeout <duration>", "after which a request has failed", "10s")
    .option("--expect <statuses>", 'such as "200,404" or "2xx"; default: 2xx and 3xx');
}

function addOutputOptions(command: Command): Command {
  return command
    .option("--json <file>", "write the result")
    .option("--html <file>", "write a report to be opened in a browser");
}

const collect = (line: string, before: readonly string[]): string[] => [...before, line];

const examples = `
Examples:
  evenkeel bench http://127.0.0.1:8080/ --from 100 --to 5000 --step 500 --slo 'p99<50ms,errors<0.1%'
  evenkeel bench http://127.0.0.1:8080/ --rate 500 --hold 1m --html report.html
  evenkeel bench http://127.0.0.1:8080/ --connections 64 --warm-up 2s

Exit codes: 0 the SLO was met (of steps: by the lowest), 1 it was not, or could not be measured, or
the run was interrupted, 2 bad usage.`;
