/** What the board and the access log learn of one request's attempts. */
import { endpointCounter, type Counters } from "../../board/board.ts";
import { bucketOf } from "../../board/histogram.ts";
import type { Clock } from "../clock.ts";
import type { AttemptFailure } from "../upstream/attempt.ts";
import type { OriginConnection } from "../upstream/origin-connection.ts";

const failureColumn: Readonly<Partial<Record<AttemptFailure, number>>> = {
  connect_failed: endpointCounter.connectFailures,
  connect_timeout: endpointCounter.timeouts,
  first_byte_timeout: endpointCounter.timeouts,
  idle_timeout: endpointCounter.timeouts,
  origin_closed: endpointCounter.resets,
  origin_reset: endpointCounter.resets,
};

/** See the file's head; one per request. */
export class AttemptRecord {
  attempts = 0;
  /** The endpoint of the last attempt; empty before the first. */
  endpoint = "";
  /** From the first attempt's start to the answer's head, in microseconds; 0 while there is none. */
  firstByteUs = 0;
  readonly #counters: Counters;
  readonly #clock: Clock;

  constructor(counters: Counters, clock: Clock) {
    this.#counters = counters;
    this.#clock = clock;
  }

  headArrived(connection: OriginConnection, status: number): void {
    const { row } = connection.endpoint;
    const column = endpointCounter.status1xx + Math.min(4, Math.floor(status / 100) - 1);
    this.#counters.endpoint[row + column]!++;
    connection.headUs = (this.#clock.nowMs - connection.startedMs) * 1000;
    this.firstByteUs = connection.headUs;
  }

  attemptFailed(connection: OriginConnection, failure: AttemptFailure): void {
    const column = failureColumn[failure];
    if (column !== undefined) this.#counters.endpoint[connection.endpoint.row + column]!++;
  }

  /** `tookUs` to the attempt's end; `went` as the endpoint is judged by it. */
  attemptEnded(connection: OriginConnection, went: boolean | undefined, tookUs: number): void {
    this.attempts++;
    const { row, latencyRow, snapshot } = connection.endpoint;
    this.endpoint = snapshot.name;
    const counters = this.#counters;
    if (went === false) counters.endpoint[row + endpointCounter.failures]!++;
    counters.endpoint[row + endpointCounter.bytesSent]! += connection.bytesSent;
    counters.endpoint[row + endpointCounter.bytesReceived]! += connection.bytesReceived;
    if (went === undefined) return;
    counters.endpoint[row + endpointCounter.latencySumUs]! += tookUs;
    counters.endpointLatency[latencyRow + bucketOf(tookUs)]!++;
  }
}
