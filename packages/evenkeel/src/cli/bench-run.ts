/** One run of the generator against one URL, from the first request to the result. */
import type { BenchResult, BenchSettings } from "../load/bench-result.ts";
import { createMonotonicClock } from "../load/clock.ts";
import { formatExpected } from "../load/expected-statuses.ts";
import { addressesOf, findAnswering, type FirstOutcome } from "../load/first-request.ts";
import { createGenerator } from "../load/generator.ts";
import {
  hostOf,
  type LoadRequest,
  portOf,
  serverNameOf,
  writeRequest,
} from "../load/load-request.ts";
import { type PlanObserver, runPlan } from "../load/run-plan.ts";
import { formatSlo } from "../load/slo.ts";
import { toResult } from "../load/write-result.ts";
import type { Interrupt } from "./bench-interrupt.ts";
import type { BenchOptions } from "./bench-options.ts";
import { Failure } from "./failure.ts";

/** Sends one request and throws a `Failure` where it fails; otherwise tells where it went and what
 * the answer's status was. */
export async function prepareRequest(
  url: URL,
  options: BenchOptions,
): Promise<{ request: LoadRequest; status: number }> {
  const described = { ...options.request, url };
  const request = {
    url: url.href,
    method: described.method,
    port: portOf(url),
    tls:
      url.protocol === "https:"
        ? { serverName: options.serverName ?? serverNameOf(described), insecure: options.insecure }
        : undefined,
    bytes: writeRequest(described),
    keepAlive: described.keepAlive,
    timeoutMs: options.timeoutMs,
    expected: options.expected,
  };
  const addresses = await addressesOf(hostOf(url));
  if (addresses.length === 0) throw new Failure(1, `there is no address for ${hostOf(url)}`);
  const first = await findAnswering(request, addresses, createMonotonicClock());
  if (!first.ok) throw new Failure(1, explainFirst(first, url));
  return { request: { ...request, address: first.address }, status: first.status };
}

/** Carries out the plan. Resolves with what was measured, also where it was interrupted. */
export async function measure(
  request: LoadRequest,
  options: BenchOptions,
  observer: PlanObserver,
  interrupt: Interrupt,
): Promise<BenchResult> {
  const startedAt = new Date();
  const clock = createMonotonicClock();
  const startMs = clock();
  const { plan, threads } = options;
  const generator = await createGenerator({ request, threads, polling: plan.polling });
  interrupt.whenInterrupted(() => generator.cut());
  try {
    const outcome = await runPlan(generator, plan, observer, () => interrupt.interrupted);
    return toResult(outcome, {
      settings: settingsOf(request, options),
      startedAt,
      durationMs: clock() - startMs,
      interrupted: interrupt.interrupted,
    });
  } finally {
    await generator.close();
  }
}

function settingsOf(
  request: LoadRequest,
  { plan, threads, request: sent }: BenchOptions,
): BenchSettings {
  return {
    url: request.url,
    address: request.address,
    method: request.method,
    headers: sent.headers.map(([name]) => name),
    body_bytes: sent.body?.length ?? 0,
    mode: plan.mode,
    latency_from: plan.mode === "open" ? "due" : "sent",
    slo: formatSlo(plan.slo),
    expect: formatExpected(request.expected),
    warm_up_s: plan.warmUpMs / 1_000,
    settle_s: plan.settleMs / 1_000,
    hold_s: plan.holdMs / 1_000,
    timeout_s: request.timeoutMs / 1_000,
    threads,
    polling: plan.polling,
    keep_alive: request.keepAlive,
    max_connections: plan.mode === "open" ? plan.maxConnections : null,
  };
}

function explainFirst({ kind, reason, address }: FirstOutcome & { ok: false }, url: URL): string {
  const where = `${hostOf(url)}:${portOf(url)}${address === hostOf(url) ? "" : ` (${address})`}`;
  if (reason === "ECONNREFUSED") return `nothing listens on ${where}: is the service running?`;
  if (/CERT|SELF_SIGNED|ALTNAME|ISSUER/.test(reason)) {
    return `the certificate of ${where} is not trusted (${reason}); --insecure accepts it`;
  }
  if (kind === "connect" && url.protocol === "https:") {
    return `no TLS connection to ${where}: ${reason}`;
  }
  if (kind === "framing") return `${where} does not speak HTTP/1.1: ${reason}`;
  return `the first request to ${where} failed (${kind}): ${reason}`;
}
