/** `evenkeel bench policies`: the same load for each policy, an Evenkeel of its own for each. */
import type { BenchResult } from "../load/bench-result.ts";
import type { EndpointShare, PoliciesResult, PolicyRun } from "../load/policies-result.ts";
import { distributionTable, policiesPage, policiesTable } from "../load/policies-page.ts";
import { readVersion } from "../telemetry/version.ts";
import { exitCodeOf, mostConnectionsOf, warnOfStatus } from "./bench.ts";
import { type Interrupt, watchInterrupt } from "./bench-interrupt.ts";
import { connectionsThatFit, readSystemLimits, requireConnections } from "./bench-limits.ts";
import { type BenchOptions, readBenchOptions, readUrl } from "./bench-options.ts";
import {
  checkPolicyConfig,
  listenerNames,
  policiesOf,
  policyConfig,
  type PolicyBase,
  readPolicyBase,
} from "./bench-policy-config.ts";
import { freePorts, startPolicyInstance } from "./bench-policy-instance.ts";
import type { PolicyWords } from "./bench-policy-options.ts";
import { BenchProgress } from "./bench-progress.ts";
import { measure, prepareRequest } from "./bench-run.ts";
import { tableLines } from "./bench-table.ts";
import { Failure } from "./failure.ts";
import { checkOutputs, writeOutputs } from "./output-files.ts";
import { createPaint } from "./style.ts";
import type { Terminal } from "./terminal.ts";

/** Measures each policy in turn, shows them side by side and writes the files that are wanted. The
 * exit code is 0 where every policy met the SLO at the lowest step. */
export async function runBenchPolicies(words: PolicyWords, terminal: Terminal): Promise<number> {
  const limits = readSystemLimits();
  const options = readBenchOptions(words, connectionsThatFit(limits));
  if (!words.path.startsWith("/"))
    throw new Failure(2, `--path begins with /, not "${words.path}"`);
  const files = { json: words.json, html: words.html };
  checkOutputs(files);
  const base = readPolicyBase(words.config, {
    upstream: words.upstream,
    listener: words.listener,
  });
  const policies = policiesOf(words.policies, base);
  const somePorts = await freePorts(listenerNames(base));
  for (const policy of policies) {
    checkPolicyConfig(base, policy, policyConfig(base, policy, somePorts));
  }
  requireConnections(mostConnectionsOf(options), limits);
  using interrupt = watchInterrupt();
  const runs: PolicyRun[] = [];
  for (const policy of policies) {
    if (interrupt.interrupted) break;
    const run = await measurePolicy(policy, {
      base,
      path: words.path,
      options,
      interrupt,
      terminal,
    });
    if (run.result.steps.length > 0) runs.push(run);
  }
  const result: PoliciesResult = {
    format: "evenkeel-bench-policies",
    version: 1,
    evenkeel: readVersion(),
    config: words.config,
    upstream: base.upstream,
    interrupted: interrupt.interrupted,
    runs,
  };
  showResult(result, terminal);
  writeOutputs(files, result, () => policiesPage(result), terminal);
  const isFine =
    runs.length === policies.length && runs.every((run) => exitCodeOf(run.result) === 0);
  return isFine ? 0 : 1;
}

interface PolicyWork {
  readonly base: PolicyBase;
  readonly path: string;
  readonly options: BenchOptions;
  readonly interrupt: Interrupt;
  readonly terminal: Terminal;
}

async function measurePolicy(policy: string, work: PolicyWork): Promise<PolicyRun> {
  const { base, path, options, interrupt, terminal } = work;
  const ports = await freePorts(listenerNames(base));
  await using instance = await startPolicyInstance(
    policyConfig(base, policy, ports),
    ports,
    interrupt,
  );
  const url = readUrl(`http://127.0.0.1:${ports.listeners[base.listener]}${path}`);
  const { request, status } = await prepareRequest(url, options);
  const before = endpointCounts(await instance.metrics(), base.upstream);
  if (before.every(({ requests }) => requests === 0)) {
    throw new Failure(
      2,
      `the first request did not reach the upstream ${base.upstream} (it was answered ${status}): ` +
        "choose what its routes match with --path, --host and --listener",
    );
  }
  warnOfStatus(status, options, terminal);
  const result = await measureOnce(policy, { request, options, interrupt, terminal });
  const after = endpointCounts(await instance.metrics(), base.upstream);
  return { policy, result, endpoints: sharesOf(before, after) };
}

async function measureOnce(
  policy: string,
  work: Pick<PolicyWork, "options" | "interrupt" | "terminal"> & {
    readonly request: Awaited<ReturnType<typeof prepareRequest>>["request"];
  },
): Promise<BenchResult> {
  const progress = new BenchProgress({
    stream: process.stderr,
    plan: work.options.plan,
    label: policy,
    nowMs: () => performance.now(),
    paint: createPaint(process.stderr, work.terminal.environment),
  });
  try {
    return await measure(work.request, work.options, progress, work.interrupt);
  } finally {
    progress.close();
  }
}

interface EndpointCounts {
  readonly name: string;
  readonly requests: number;
  readonly failures: number;
}

/** Attempts and failed attempts per endpoint of the upstream, in the order of the exposition. An
 * endpoint that was never asked has a weight there, but no counters. */
export function endpointCounts(exposition: string, upstream: string): EndpointCounts[] {
  const counts = new Map<string, { requests: number; failures: number }>();
  const line = /^evenkeel_endpoint_(weight|attempts_total|failures_total)\{(.*)\} (\S+)$/gm;
  for (const [, kind, labels = "", value] of exposition.matchAll(line)) {
    const label = (name: string): string | undefined =>
      new RegExp(`(?:^|,)${name}="((?:[^"\\\\]|\\\\.)*)"`).exec(labels)?.[1];
    const endpoint = label("endpoint");
    if (label("upstream") !== upstream || endpoint === undefined) continue;
    const entry = counts.get(endpoint) ?? { requests: 0, failures: 0 };
    counts.set(endpoint, entry);
    if (kind === "attempts_total") entry.requests += Number(value);
    else if (label("kind") === "all") entry.failures += Number(value);
  }
  return [...counts].map(([name, entry]) => ({ name, ...entry }));
}

function sharesOf(
  before: readonly EndpointCounts[],
  after: readonly EndpointCounts[],
): EndpointShare[] {
  const earlier = new Map(before.map((entry) => [entry.name, entry]));
  const grown = after.map(({ name, requests, failures }) => ({
    name,
    requests: requests - (earlier.get(name)?.requests ?? 0),
    failures: failures - (earlier.get(name)?.failures ?? 0),
  }));
  const total = grown.reduce((sum, { requests }) => sum + requests, 0);
  return grown.map((entry) => ({
    ...entry,
    percent: total === 0 ? 0 : Number(((entry.requests * 100) / total).toFixed(2)),
  }));
}

function showResult(result: PoliciesResult, terminal: Terminal): void {
  const paint = createPaint(terminal.stdout, terminal.environment);
  terminal.print("");
  for (const line of tableLines(policiesTable(result), paint)) terminal.print(line);
  terminal.print("");
  for (const line of tableLines(distributionTable(result), paint)) terminal.print(line);
  if (result.interrupted) terminal.print("\nInterrupted: this is what was measured by then.");
}
