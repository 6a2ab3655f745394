/** What the board and the access log learn of one request as its client saw it. */
import { routeCounter, upstreamCounter, workerGauge } from "../../board/board.ts";
import { bucketOf } from "../../board/histogram.ts";
import type { Reason } from "../../errors/catalogue.ts";
import { AttemptRecord } from "./attempt-record.ts";
import type { ClientConnection } from "../client/client-connection.ts";
import { traceIdOf } from "../edge/traceparent.ts";
import type { RequestHead } from "../http1/contract.ts";
import type { InboundRequest } from "./inbound-request.ts";
import type { ProxyContext } from "../proxy-context.ts";
import type { RouteRuntime } from "../router/route-runtime.ts";
import type { UpstreamGroup } from "../upstream/upstream-group.ts";

/** The parts of a request that only the log wants; kept only while there is one. */
interface Logged {
  readonly method: string;
  readonly host: string;
  readonly target: string;
  readonly clientAddress: string;
  readonly minorVersion: number;
  readonly referer: string;
  readonly userAgent: string;
  readonly traceId: string;
}

/** How a request ended. */
export interface ExchangeEnd {
  readonly status: number;
  readonly reason: Reason | undefined;
  readonly bytesReceived: number;
  readonly bytesSent: number;
}

/** See the file's head; one per request, `begin` to `end`. */
export class ExchangeRecord extends AttemptRecord {
  route: RouteRuntime | undefined;
  readonly #context: ProxyContext;
  readonly #client: ClientConnection;
  readonly #startedMs: number;
  #logged: Logged | undefined;
  #requestId = "";

  constructor(client: ClientConnection, context: ProxyContext) {
    super(context.counters, context.clock);
    this.#startedMs = context.clock.nowMs;
    this.#client = client;
    this.#context = context;
    context.counters.worker[workerGauge.requestsInFlight]!++;
  }

  /** What error pages name; made only where neither the origin nor the log was told one. */
  get requestId(): string {
    if (this.#requestId === "") this.#requestId = this.#context.requestIds();
    return this.#requestId;
  }

  begin(request: InboundRequest, head: RequestHead): void {
    const { requestIdHeader } = this.#client.listener.snapshot.forwarded;
    if (requestIdHeader !== "") this.#requestId = request.requestId;
    if (this.#context.accessLog === undefined) return;
    this.#requestId = request.requestId;
    const traceparent = head.header("traceparent");
    this.#logged = {
      method: head.method,
      host: head.host,
      target: request.target,
      clientAddress: request.clientAddress,
      minorVersion: head.minorVersion,
      referer: head.header("referer") ?? "",
      userAgent: head.header("user-agent") ?? "",
      traceId: (traceparent && traceIdOf(traceparent)) || request.requestId,
    };
  }

  end(end: ExchangeEnd): void {
    const { counters } = this.#context;
    const durationUs = (this.#context.clock.nowMs - this.#startedMs) * 1000;
    counters.worker[workerGauge.requestsInFlight]!--;
    if (end.reason !== undefined) counters.reasons[end.reason.number]!++;
    this.#countRoute(end, durationUs);
    if (this.#logged !== undefined) this.#log(this.#logged, end, durationUs);
  }

  #countRoute(end: ExchangeEnd, durationUs: number): void {
    const { route } = this;
    if (route === undefined) return;
    const { counters } = this.#context;
    const { row } = route;
    const column = routeCounter.status1xx + Math.min(4, Math.floor(end.status / 100) - 1);
    counters.route[row + routeCounter.requests]!++;
    counters.route[row + column]!++;
    counters.route[row + routeCounter.bytesReceived]! += end.bytesReceived;
    counters.route[row + routeCounter.bytesSent]! += end.bytesSent;
    counters.route[row + routeCounter.latencySumUs]! += durationUs;
    const bucket = bucketOf(durationUs);
    counters.routeLatency[route.latencyRow + bucket]!++;
    const { group } = route;
    if (group === undefined) return;
    counters.upstream[group.row + upstreamCounter.latencySumUs]! += durationUs;
    if (hasFailed(group, end)) counters.upstream[group.row + upstreamCounter.failedRequests]!++;
    counters.upstreamLatency[group.latencyRow + bucket]!++;
  }

  #log(logged: Logged, end: ExchangeEnd, durationUs: number): void {
    const log = this.#context.accessLog;
    if (log === undefined) return;
    const entry = this.#context.accessEntry;
    Object.assign(entry, logged);
    entry.startedAtMs = performance.timeOrigin + this.#startedMs;
    entry.durationUs = durationUs;
    entry.firstByteUs = this.firstByteUs;
    entry.requestId = this.requestId;
    entry.listener = this.#client.listener.snapshot.name;
    entry.route = this.route?.snapshot.name ?? "";
    entry.upstream = this.route?.group?.snapshot.name ?? "";
    entry.endpoint = this.endpoint;
    entry.attempts = this.attempts;
    entry.status = end.status;
    entry.bytesReceived = end.bytesReceived;
    entry.bytesSent = end.bytesSent;
    entry.reason = end.reason?.code ?? "";
    log.write(entry);
  }
}

/** Whether the service, or Evenkeel in its place, failed the client; an origin's own answer is judged
 * by the upstream's `failure_statuses`. What the client did wrong is no failure. */
function hasFailed(group: UpstreamGroup, { reason, status }: ExchangeEnd): boolean {
  return reason === undefined ? group.countsAsFailure(status) : reason.side !== "client";
}
