/**
 * How one request bears with an upstream that can't take it now: it waits for room or for an
 * endpoint, or is held while connections are refused. Most requests need none.
 */
import { upstreamCounter } from "../../board/board.ts";
import { reason, type Reason } from "../../errors/catalogue.ts";
import type { ProxyContext } from "../proxy-context.ts";
import type { Timer } from "../timer-wheel.ts";
import type { UpstreamGroup } from "../upstream/upstream-group.ts";
import type { Waiting } from "../upstream/waiting-room.ts";

/** Between two tries of an upstream that refuses connections, while its requests are held. */
const HOLD_PAUSE_MS = 100;
/** How long a request waits for another proxy's idle connection to make way. */
const CONNECTION_MS = 500;
/** How long a request waits for the first check of endpoints that are all new. */
const FIRST_CHECK_MS = 2_000;

/** A request that may have to wait. */
export interface Patient extends Waiting {
  /** It was held and should try again. */
  tryHeld(): void;
  waitedTooLong(why: Reason): void;
}

/** See the file's head. `end` must be called when the request is over. */
export class Patience {
  readonly #group: UpstreamGroup;
  readonly #context: ProxyContext;
  readonly #patient: Patient;
  #timer: Timer | undefined;
  #holdUntilMs = 0;

  constructor(group: UpstreamGroup, context: ProxyContext, patient: Patient) {
    this.#group = group;
    this.#context = context;
    this.#patient = patient;
  }

  /** No endpoint is open: waits for room in the queue, or for an endpoint to come back, until the
   * patient is served. Returns why it may not wait. */
  wait(): Reason | undefined {
    const group = this.#group;
    const { queue, holdMs } = group.snapshot;
    const full = group.isFull;
    const waitMs = full ? queue.timeoutMs : this.#waitMs(holdMs);
    if (waitMs <= 0 || !group.mayWait(full ? queue.max : Number.MAX_SAFE_INTEGER)) {
      this.#count(full ? upstreamCounter.queueOverflows : upstreamCounter.noEndpoint);
      return full ? reason.queue_full : reason.no_endpoint;
    }
    if (full) this.#wait(waitMs, reason.queue_timeout, upstreamCounter.queueTimeouts);
    else this.#wait(waitMs, reason.no_endpoint, upstreamCounter.noEndpoint);
    return undefined;
  }

  /** No more connections may be dialled: waits for one that lies idle elsewhere, or is just being
   * closed, to be gone. Returns why it may not wait. */
  awaitConnection(): Reason | undefined {
    const group = this.#group;
    if (!group.mayWait(Number.MAX_SAFE_INTEGER) || !group.askForConnection()) {
      this.#count(upstreamCounter.breakerRefusals);
      return reason.breaker_limit;
    }
    this.#wait(CONNECTION_MS, reason.breaker_limit, upstreamCounter.breakerRefusals);
    return undefined;
  }

  /** With `hold`, a refused connection is tried again until the time is up: an endpoint that is
   * alone and restarts looks like a slow answer. False where there is no time left. */
  hold(): boolean {
    const { holdMs } = this.#group.snapshot;
    if (holdMs <= 0) return false;
    const now = this.#context.clock.nowMs;
    if (this.#holdUntilMs === 0) this.#holdUntilMs = now + holdMs;
    if (now + HOLD_PAUSE_MS > this.#holdUntilMs) return false;
    this.#after(HOLD_PAUSE_MS, () => this.#patient.tryHeld());
    return true;
  }

  /** The patient is served. */
  rest(): void {
    this.#timer?.clear();
  }

  end(): void {
    this.#group.waiting.remove(this.#patient);
    this.#timer?.end();
  }

  /** New endpoints take nothing before their first check passed; where there are no others, as when
   * all were replaced, that moment must not cost requests. */
  #waitMs(holdMs: number): number {
    return holdMs < FIRST_CHECK_MS && this.#group.awaitsCheck ? FIRST_CHECK_MS : holdMs;
  }

  /** `why` is counted in `column` where it waits for so long. */
  #wait(ms: number, why: Reason, column: number): void {
    this.#count(upstreamCounter.queued);
    this.#after(ms, () => {
      this.#group.waiting.remove(this.#patient);
      this.#count(column);
      this.#patient.waitedTooLong(why);
    });
    this.#group.waiting.add(this.#patient);
  }

  #after(ms: number, run: () => void): void {
    this.#timer?.end();
    this.#timer = this.#context.wheel.timer(run);
    this.#timer.set(ms);
  }

  #count(column: number): void {
    this.#context.counters.upstream[this.#group.row + column]!++;
  }
}
