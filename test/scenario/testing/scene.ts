/** What the scenarios share: the usual configuration, and looks at a running Evenkeel. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import type {
  EndpointStatus,
  StatusDocument,
} from "../../../packages/evenkeel/src/admin/status.ts";
import type { Evenkeel } from "../../support/evenkeel.ts";
import type { OpenLoop, OpenLoopResult } from "../../support/open-loop.ts";
import { type Origin, startOrigin } from "../../support/origin.ts";
import { pinnedNode } from "../../support/pinned-node.ts";
import { exchange, type RawResponse } from "../../support/raw-client.ts";
import { waitFor, within } from "../../support/wait-for.ts";

const BIN = fileURLToPath(new URL("../../../packages/evenkeel/bin/evenkeel.js", import.meta.url));

/** The plainest request. */
export const GET = "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n";

/** What differs from one listener `web`, one route and one upstream `app`. */
export interface Scene {
  readonly endpoints: readonly (string | object)[];
  readonly upstream?: object;
  readonly route?: object;
  /** More keys at the top of the file. */
  readonly top?: object;
}

/** A configuration of one listener, one route and one upstream. */
export function scene({ endpoints, upstream, route, top }: Scene): object {
  return {
    listeners: { web: "127.0.0.1:{{port:web}}" },
    routes: [{ upstream: "app", ...route }],
    upstreams: { app: { endpoints, ...upstream } },
    ...top,
  };
}

/** One origin in this process per letter, named by it and owned by the stack. */
export async function startOrigins(stack: AsyncDisposableStack, names: string): Promise<Origin[]> {
  const origins = await Promise.all(names.split("").map((name) => startOrigin({ name })));
  for (const origin of origins) stack.use(origin);
  return origins;
}

/** Asks on a fresh connection and returns the answer. */
export async function ask(evenkeel: Evenkeel, request = GET): Promise<RawResponse> {
  return await exchange(evenkeel.port("web"), request);
}

/** Which origin answers, on a fresh connection; throws unless it answers 200. */
export async function askOrigin(evenkeel: Evenkeel, request = GET): Promise<string> {
  const answer = await ask(evenkeel, request);
  if (answer.status !== 200) throw new Error(`answered ${answer.status}: ${answer.text}`);
  return answer.header("x-origin") ?? "";
}

/** The origins that answer so many requests one after the other, each on a connection of its own. */
export async function askedOrigins(evenkeel: Evenkeel, count: number): Promise<string[]> {
  const origins: string[] = [];
  for (let index = 0; index < count; index++) origins.push(await askOrigin(evenkeel));
  return origins;
}

/** How often each word occurs. */
export function tally(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

/** The whole of `/status`. */
export async function statusOf(evenkeel: Evenkeel): Promise<StatusDocument> {
  return await evenkeel.adminJson<StatusDocument>("/status");
}

/** Resolves when every proxy runs: `/readyz` is content with the first. */
export async function allRunning(evenkeel: Evenkeel): Promise<void> {
  await waitFor("all proxies", async () => {
    const { proxies } = await statusOf(evenkeel);
    return proxies.every(({ state }) => state === "running");
  });
}

/** One endpoint's row in `/status`. */
export async function endpointOf(evenkeel: Evenkeel, name: string): Promise<EndpointStatus> {
  const { upstreams } = await statusOf(evenkeel);
  const found = upstreams.flatMap(({ endpoints }) => endpoints).find((one) => one.name === name);
  if (!found) throw new Error(`/status has no endpoint ${name}`);
  return found;
}

/** Resolves when the endpoint is in that state. */
export async function inState(
  evenkeel: Evenkeel,
  name: string,
  state: string,
  withinMs = 10_000,
): Promise<EndpointStatus> {
  return await waitFor(
    `${name} to be ${state}`,
    async () => {
      const found = await endpointOf(evenkeel, name);
      return found.state === state ? found : undefined;
    },
    { withinMs },
  );
}

/** Rewrites the file, sends SIGHUP and resolves when every proxy works by the new version. */
export async function reloadAndWait(evenkeel: Evenkeel, config: object): Promise<void> {
  const { config: before } = await statusOf(evenkeel);
  await evenkeel.reload(config);
  await waitFor("the new configuration in every proxy", async () => {
    const { config: now, proxies } = await statusOf(evenkeel);
    if (now.reloads_refused > before.reloads_refused) throw new Error(now.problems.join("\n"));
    return (
      now.version > before.version && proxies.every((one) => one.snapshot_version === now.version)
    );
  });
}

/** What one command of the program came to. */
export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs another `evenkeel` with these words, as an operator would beside the running one. */
export async function command(...words: readonly string[]): Promise<CommandResult> {
  const child = spawn(pinnedNode(), [BIN, ...words], {
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (text: Buffer) => (stdout += text.toString()));
  child.stderr.on("data", (text: Buffer) => (stderr += text.toString()));
  const [code] = (await within(`evenkeel ${words[0]}`, 20_000, once(child, "close"))) as [number];
  return { code, stdout, stderr };
}

/** Runs a command against this Evenkeel's admin address; throws unless it succeeds. */
export async function operate(evenkeel: Evenkeel, ...words: readonly string[]): Promise<string> {
  const result = await command(...words, "--admin", evenkeel.url("admin"));
  if (result.code !== 0) throw new Error(`evenkeel ${words.join(" ")}: ${result.stderr}`);
  return result.stdout;
}

/** Resolves when the load has sent so many more requests: time measured in requests. */
export async function sentMore(load: OpenLoop, count: number): Promise<void> {
  const until = load.sent + count;
  await waitFor(`${count} more requests`, () => load.sent >= until, { withinMs: 60_000 });
}

/** A line for the test's report: what the clients saw. */
export function summary(run: OpenLoopResult): string {
  const ms = (share: number): string => run.quantileMs(share).toFixed(1);
  return (
    `${run.sent} requests, ${run.failures.length} failed, ` +
    `statuses ${JSON.stringify(run.byStatus)}, origins ${JSON.stringify(run.byOrigin)}, ` +
    `p50 ${ms(0.5)} ms, p99 ${ms(0.99)} ms, longest ${ms(1)} ms`
  );
}
