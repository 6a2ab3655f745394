/**
 * A client with a fixed rate: it sends when a request is due, not when the last one was answered,
 * and keeps a record of every single request, so that "no request failed" can be counted exactly.
 */
import { Agent, request as sendRequest } from "node:http";
import { setTimeout as pause } from "node:timers/promises";

/** The load to offer. */
export interface OpenLoopOptions {
  /** For example `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly ratePerSecond: number;
  readonly durationMs?: number;
  /** Targets to ask for in turn. */
  readonly paths?: readonly string[];
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs?: number;
  /** Most connections kept open; more requests than that at once wait and their wait counts. */
  readonly connections?: number;
}

/** One request's fate. */
export interface Outcome {
  /** When it was due, in milliseconds since the start of the run. */
  readonly dueMs: number;
  /** From due to the end of the answer (or the failure). */
  readonly latencyMs: number;
  /** Undefined when no whole answer came. */
  readonly status: number | undefined;
  /** `X-Origin` of the answer. */
  readonly origin: string | undefined;
  /** The failure's code or message. */
  readonly error: string | undefined;
  /** The request went out on a connection that had been used before. */
  readonly reused: boolean;
}

/** What a run came to. */
export interface OpenLoopResult {
  readonly sent: number;
  readonly outcomes: readonly Outcome[];
  /** Those without a whole answer or with a status of 500 and above. */
  readonly failures: readonly Outcome[];
  readonly byStatus: Readonly<Record<string, number>>;
  readonly byOrigin: Readonly<Record<string, number>>;
  /** Latency below which that share (0 to 1) of all outcomes lies; 0 when there are none. */
  quantileMs(share: number): number;
}

/** A run under way. */
export interface OpenLoop {
  /** Requests sent so far. */
  readonly sent: number;
  /** Requests with an outcome so far. */
  readonly settled: number;
  /** Stops sending, waits for what is in flight, and tells what it came to. */
  stop(): Promise<OpenLoopResult>;
  /** Resolves by itself after `durationMs`. */
  readonly result: Promise<OpenLoopResult>;
}

/** Starts to send at once. Without `durationMs` it goes on until `stop()`. */
export function startOpenLoop(options: OpenLoopOptions): OpenLoop {
  const agent = new Agent({ keepAlive: true, maxSockets: options.connections ?? 64 });
  const outcomes: Outcome[] = [];
  const stop = new AbortController();
  let sent = 0;

  const record = async (work: Promise<Omit<Outcome, "dueMs">>, dueMs: number): Promise<void> => {
    outcomes.push({ ...(await work), dueMs });
  };
  const send = async (): Promise<void> => {
    const startedAt = performance.now();
    const inFlight: Promise<void>[] = [];
    const gapMs = 1_000 / options.ratePerSecond;
    const endMs = options.durationMs ?? Number.POSITIVE_INFINITY;
    while (!stop.signal.aborted) {
      const nowMs = performance.now() - startedAt;
      while (!stop.signal.aborted && sent * gapMs <= nowMs && sent * gapMs < endMs) {
        const dueAt = startedAt + sent * gapMs;
        inFlight.push(record(sendOne(options, agent, sent, dueAt), dueAt - startedAt));
        sent++;
      }
      if (sent * gapMs >= endMs) break;
      await pause(1);
    }
    await Promise.all(inFlight);
    agent.destroy();
  };

  const result = send().then(() => summarize(sent, outcomes));
  return {
    get sent() {
      return sent;
    },
    get settled() {
      return outcomes.length;
    },
    result,
    async stop() {
      stop.abort();
      return await result;
    },
  };
}

/** Runs for `durationMs` and resolves with the outcome. */
export async function runOpenLoop(
  options: OpenLoopOptions & { readonly durationMs: number },
): Promise<OpenLoopResult> {
  return await startOpenLoop(options).result;
}

function sendOne(
  options: OpenLoopOptions,
  agent: Agent,
  index: number,
  dueAt: number,
): Promise<Omit<Outcome, "dueMs">> {
  const { paths = ["/"], method = "GET", headers = {}, body, timeoutMs = 10_000 } = options;
  return new Promise((resolve) => {
    let origin: string | undefined;
    let status: number | undefined;
    const outgoing = sendRequest(
      new URL(paths[index % paths.length]!, options.url),
      { agent, method, headers, signal: AbortSignal.timeout(timeoutMs) },
      (answer) => {
        const from = answer.headers["x-origin"];
        origin = typeof from === "string" ? from : undefined;
        status = answer.statusCode;
        answer.resume();
        answer.once("end", () => settle(answer.complete ? undefined : "cut short"));
        answer.once("error", (error: NodeJS.ErrnoException) => settle(error.code ?? error.message));
      },
    );
    const settle = (error: string | undefined): void => {
      resolve({
        latencyMs: performance.now() - dueAt,
        status: error === undefined ? status : undefined,
        origin,
        error,
        reused: outgoing.reusedSocket,
      });
    };
    outgoing.once("error", (error: NodeJS.ErrnoException) => settle(error.code ?? error.message));
    outgoing.end(body);
  });
}

function summarize(sent: number, outcomes: readonly Outcome[]): OpenLoopResult {
  const latencies = outcomes.map(({ latencyMs }) => latencyMs).sort((a, b) => a - b);
  return {
    sent,
    outcomes,
    failures: outcomes.filter(({ status }) => status === undefined || status >= 500),
    byStatus: countBy(outcomes.map(({ status, error }) => String(status ?? error))),
    byOrigin: countBy(outcomes.map(({ origin }) => origin ?? "none")),
    quantileMs: (share) =>
      latencies[Math.min(latencies.length - 1, Math.floor(share * latencies.length))] ?? 0,
  };
}

function countBy(keys: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const key of keys) counts[key] = (counts[key] ?? 0) + 1;
  return counts;
}
