/**
 * One upstream as a proxy holds it: picks endpoints, keeps the exact counts on the board, guards
 * with the breaker and the retry budget, and lets requests wait where the configuration says so.
 */
import {
  eligibleBackups,
  eligibleMembers,
  fadedLatencyUs,
  isHeldBack,
  mayRetry,
  noteFailure,
  notePick,
  noteSuccess,
  observeLatency,
  penalize,
  withinLimit,
  type Picker,
  type PickRequest,
} from "@evenkeel/balance";

import {
  AWAITS_CHECK,
  GIVEN_UP,
  TAKES_BOUND,
  TAKES_NEW,
  latencyRow,
  upstreamCounter,
  upstreamRow,
  type Board,
  type Counters,
} from "../../board/board.ts";
import { acquire, release } from "../../board/lock.ts";
import type { HedgeSnapshot, UpstreamSnapshot } from "../../snapshot/snapshot.ts";
import { ConnectionBound } from "./connection-bound.ts";
import { createPolicy } from "./create-policy.ts";
import { HeadTimes } from "./head-times.ts";
import { createSticky, type Sticky } from "../edge/sticky.ts";
import { EndpointRuntime } from "./endpoint-runtime.ts";
import type { HeadLimits } from "../http1/contract.ts";
import type { OriginContext } from "./attempt.ts";
import { createRetryWindow, type RetryWindow } from "./retry-window.ts";
import { createTableRest } from "./table-rest.ts";
import { passBreaker, settleProbe, type Admission } from "./upstream-breaker.ts";
import { WaitingRoom } from "./waiting-room.ts";

const STATUSES = 600;
/** What a hedge by percentile waits until enough answers came. */
const HEDGE_UNKNOWN_MS = 100;
const NEVER_BREAKS = { openMs: 0, halfOpenRequests: 0 } as const;

/** What a group needs of its proxy. */
export interface GroupContext {
  readonly board: Board;
  readonly counters: Counters;
  readonly worker: number;
  readonly origins: OriginContext;
}

/** See the file's head. One per upstream name for the proxy's life; `update` brings new settings. */
export class UpstreamGroup {
  snapshot!: UpstreamSnapshot;
  responseLimits!: HeadLimits;
  /** `undefined` where clients are not bound to endpoints. */
  sticky: Sticky | undefined;
  readonly slot: number;
  readonly row: number;
  readonly latencyRow: number;
  readonly waiting: WaitingRoom;
  readonly connections: ConnectionBound;
  readonly #retryWindow: RetryWindow;
  /** `undefined` where no route hedges by a percentile. */
  headTimes: HeadTimes | undefined;

  readonly #context: GroupContext;
  readonly #endpoints = new Map<number, EndpointRuntime>();
  readonly #request: PickRequest = { key: "", tried: undefined, closed: undefined, nowMs: 0 };
  readonly #closed = (slot: number): boolean => this.#isClosed(slot);
  readonly #failureStatus = new Uint8Array(STATUSES);
  #primary: Picker | undefined;
  #backup: Picker | undefined;
  #generation = -1;
  readonly #tableRest = createTableRest(() => (this.#generation = -1));
  #bounded = false;
  /** Some endpoint has `max_conns`. */
  #limited = false;
  /** And requests wait for its places, so that nobody who comes later may take one. */
  #queues = false;
  /** Picking needs the time. */
  #timed = false;
  #locked = false;
  #decayMs = 0;
  #nowMs = 0;

  constructor(snapshot: UpstreamSnapshot, stickySecret: string, context: GroupContext) {
    this.#context = context;
    this.slot = snapshot.slot;
    this.row = upstreamRow(snapshot.slot);
    this.latencyRow = latencyRow(snapshot.slot);
    this.waiting = new WaitingRoom({
      board: context.board,
      worker: context.worker,
      slot: snapshot.slot,
      tick: () => context.origins.clock.tick(),
      isScarce: () => this.#limited || this.connections.max > 0,
    });
    this.connections = new ConnectionBound(context.board, context.worker, snapshot.slot, () =>
      this.#endpoints.values(),
    );
    this.#retryWindow = createRetryWindow(context.board, snapshot.slot);
    this.update(snapshot, stickySecret);
  }

  /** Takes new settings; endpoints that stay keep their pools, those that left lose theirs. */
  update(snapshot: UpstreamSnapshot, stickySecret: string): void {
    this.snapshot = snapshot;
    this.sticky =
      snapshot.sticky === undefined
        ? undefined
        : createSticky(snapshot.sticky, snapshot.name, snapshot.endpoints, stickySecret);
    this.responseLimits = {
      lineBytes: snapshot.responseHeaderBytes,
      headerBytes: snapshot.responseHeaderBytes,
      headerCount: snapshot.responseHeaderCount,
    };
    this.#failureStatus.fill(0);
    for (const status of snapshot.failureStatuses) this.#failureStatus[status] = 1;
    this.#decayMs = snapshot.balance.policy === "least_time" ? snapshot.balance.decayMs : 0;
    this.#updateEndpoints(snapshot);
    this.#tableRest.end();
    this.connections.max = snapshot.breaker.maxConnections;
    this.#limited = snapshot.endpoints.some(({ maxConns }) => maxConns > 0);
    this.#queues = this.#limited && snapshot.queue.max > 0;
    this.#timed = this.#bounded || this.#decayMs > 0;
    this.#generation = -1;
    this.waiting.upstreamChanged();
  }

  /** Call once a second: moves the windows on. */
  sample(): void {
    this.#retryWindow.sample();
    this.headTimes?.sample();
  }

  /** From now on `hedgeAfterMs` knows percentiles. */
  followHeadTimes(): void {
    this.headTimes ??= new HeadTimes();
  }

  /** How long an attempt may take to its answer's head before another endpoint is asked too. */
  hedgeAfterMs({ afterMs, percentile }: HedgeSnapshot): number {
    if (percentile === 0) return afterMs;
    return this.headTimes?.percentileMs(percentile) ?? HEDGE_UNKNOWN_MS;
  }

  /** Its name is gone from the configuration. */
  remove(): void {
    this.#tableRest.end();
    for (const endpoint of this.#endpoints.values()) endpoint.remove();
  }

  /** Idle connections to all its endpoints. */
  get idleConnections(): number {
    let total = 0;
    for (const endpoint of this.#endpoints.values()) total += endpoint.idleConnections;
    return total;
  }

  /** Some eligible endpoint has as many requests as it may, or others wait for its place: waiting may
   * help. Otherwise those that are left are held back by their failures, if there are any. */
  get isFull(): boolean {
    this.#refresh();
    if (this.#primary === undefined) return false;
    if (this.#queues && this.hasQueue) return true;
    const { inFlight, state } = this.#context.board;
    return this.snapshot.endpoints.some(
      ({ slot, maxConns }) =>
        maxConns > 0 && inFlight[slot]! >= maxConns && (state[slot]! & TAKES_NEW) !== 0,
    );
  }

  /** Who comes now has to wait: others do already, here, or in any proxy for a place. */
  get hasQueue(): boolean {
    if (this.waiting.length > 0) return true;
    if (!this.#queues || this.#context.board.upstreamPending[this.slot] === 0) return false;
    // The count may be off since a proxy died; who really waits has a ticket.
    return this.waiting.hasOthers;
  }

  /** Some endpoint's first check is still to come: soon there may be one more. */
  get awaitsCheck(): boolean {
    const { state } = this.#context.board;
    return this.snapshot.endpoints.some(({ slot }) => (state[slot]! & AWAITS_CHECK) !== 0);
  }

  countsAsFailure(status: number): boolean {
    return this.#failureStatus[status] === 1;
  }

  /** Chooses an endpoint and counts the request as in flight there; `undefined` where none is open.
   * Each pick must be followed by one `settle`. */
  pick(key: string, tried: readonly number[] | undefined): EndpointRuntime | undefined {
    const { board, worker } = this.#context;
    this.#refresh();
    const request = this.#request;
    request.key = key;
    request.tried = tried;
    request.closed = this.#bounded ? this.#closed : undefined;
    if (this.#timed) this.#nowMs = request.nowMs = Date.now();
    if (!this.#locked) return this.#choose(request);
    acquire(board.lock, this.slot, worker);
    try {
      return this.#choose(request);
    } finally {
      release(board.lock, this.slot);
    }
  }

  /** The endpoint a client is bound to, if it still serves bound clients and has room; to be settled
   * like a pick. */
  pickBound(slot: number): EndpointRuntime | undefined {
    const endpoint = this.#endpoints.get(slot);
    if (endpoint === undefined) return undefined;
    const { board, worker } = this.#context;
    const state = Atomics.load(board.state, slot);
    if ((state & (TAKES_NEW | TAKES_BOUND)) === 0) return undefined;
    this.#nowMs = Date.now();
    if (!this.#locked) return this.#claimOpen(endpoint);
    acquire(board.lock, this.slot, worker);
    try {
      return this.#claimOpen(endpoint);
    } finally {
      release(board.lock, this.slot);
    }
  }

  /** Ends what `pick` began: frees the place and takes note of how the attempt went; `undefined`
   * where that says nothing about the endpoint (its client left, say). */
  settle(endpoint: EndpointRuntime, went: boolean | undefined, latencyUs: number): void {
    const { board, counters } = this.#context;
    const { slot } = endpoint;
    Atomics.sub(board.inFlight, slot, 1);
    counters.inFlight[slot]!--;
    if (went === true) this.#succeeded(endpoint, latencyUs);
    else if (went === false) this.#failed(endpoint);
    if (board.upstreamPending[this.slot]! > 0) this.waiting.freed();
  }

  /** Tells the attempts that wait for an answer at endpoints which were judged bad. */
  giveUpBad(): void {
    const { board, counters } = this.#context;
    if (counters.upstreamInFlight[this.slot] === 0) return;
    for (const [slot, endpoint] of this.#endpoints) {
      if ((Atomics.load(board.state, slot) & GIVEN_UP) !== 0) endpoint.giveUp();
    }
  }

  /** Takes note that an endpoint needs longer than that, where times are kept. */
  tookLonger({ slot }: EndpointRuntime, us: number): void {
    if (this.#decayMs === 0) return;
    const { board } = this.#context;
    const nowMs = Date.now();
    if (us < fadedLatencyUs(board, slot, nowMs, this.#decayMs)) return;
    observeLatency(board, slot, us, nowMs, this.#decayMs);
  }

  /** Counts a request in; its end calls `leave`. */
  enter(): void {
    Atomics.add(this.#context.board.upstreamInFlight, this.slot, 1);
    this.#context.counters.upstreamInFlight[this.slot]!++;
    this.#context.counters.upstream[this.row + upstreamCounter.requests]!++;
  }

  leave(): void {
    Atomics.sub(this.#context.board.upstreamInFlight, this.slot, 1);
    this.#context.counters.upstreamInFlight[this.slot]!--;
  }

  /** Whether the breaker lets a new request in, by its state and by the requests in flight. */
  admit(): Admission | "over_limit" {
    const { board } = this.#context;
    const { maxRequests, error } = this.snapshot.breaker;
    if (!withinLimit(board.upstreamInFlight[this.slot]!, maxRequests)) return "over_limit";
    if (board.breakerState[this.slot] === 0) return "closed";
    return passBreaker(board, this.slot, error ?? NEVER_BREAKS, Date.now());
  }

  /** How a request that was let through as a probe went; see `passBreaker`. */
  settleProbe(went: boolean | undefined): void {
    const { error } = this.snapshot.breaker;
    settleProbe(this.#context.board, this.slot, error ?? NEVER_BREAKS, went, Date.now());
  }

  /** No more connections may be dialled: asks for one to make way that lies idle in another proxy.
   * False where all are in use. */
  askForConnection(): boolean {
    const { inFlight } = this.#context.board;
    let busy = 0;
    for (const { slot } of this.snapshot.endpoints) busy += inFlight[slot]!;
    return this.connections.ask(busy);
  }

  /** One is gone: there may be room for another. */
  connectionClosed(): void {
    const { board, origins } = this.#context;
    if (this.connections.max === 0 || board.upstreamPending[this.slot] === 0) return;
    origins.clock.tick();
    this.waiting.freed();
  }

  /** Whether one more request may wait. `max` bounds those waiting for room. */
  mayWait(max: number): boolean {
    const pending = this.waiting.total;
    return pending < max && withinLimit(pending, this.snapshot.breaker.maxPending);
  }

  /** Takes one retry out of the budget and the breaker's limit; false where there is none left. A
   * taken one ends with `retryDone`. */
  takeRetry(): boolean {
    const { retryBudget } = this.snapshot;
    const withinBudget = mayRetry({
      requests: this.#retryWindow.requests(),
      retries: this.#retryWindow.retries(),
      percent: retryBudget.percent,
      min: retryBudget.min,
    });
    return this.#beginRetry(withinBudget, upstreamCounter.retries);
  }

  /** Like `takeRetry`, for a request that leaves an endpoint which was judged bad. The budget is not
   * asked: its place there is free, so the load of the others is what it would be without it. */
  takeMove(): boolean {
    return this.#beginRetry(true, upstreamCounter.moved);
  }

  retryDone(): void {
    Atomics.sub(this.#context.board.upstreamRetrying, this.slot, 1);
    this.#context.counters.upstreamRetrying[this.slot]!--;
  }

  #beginRetry(withinBudget: boolean, column: number): boolean {
    const { board, counters } = this.#context;
    const retrying = Atomics.load(board.upstreamRetrying, this.slot);
    if (!withinBudget || !withinLimit(retrying, this.snapshot.breaker.maxRetries)) {
      counters.upstream[this.row + upstreamCounter.retriesDenied]!++;
      return false;
    }
    Atomics.add(board.upstreamRetrying, this.slot, 1);
    counters.upstreamRetrying[this.slot]!++;
    counters.upstream[this.row + column]!++;
    return true;
  }

  #choose(request: PickRequest): EndpointRuntime | undefined {
    let slot = this.#primary === undefined ? -1 : this.#primary.pick(request);
    if (slot < 0 && this.#backup !== undefined) slot = this.#backup.pick(request);
    const endpoint = this.#endpoints.get(slot);
    if (endpoint !== undefined) this.#claim(endpoint);
    return endpoint;
  }

  #claimOpen(endpoint: EndpointRuntime): EndpointRuntime | undefined {
    if (this.#isClosed(endpoint.slot)) return undefined;
    this.#claim(endpoint);
    return endpoint;
  }

  #claim(endpoint: EndpointRuntime): void {
    const { board, counters } = this.#context;
    Atomics.add(board.inFlight, endpoint.slot, 1);
    counters.inFlight[endpoint.slot]!++;
    if (this.#usesMaxFails(endpoint)) {
      notePick(board, endpoint.slot, endpoint.snapshot.failTimeoutMs, this.#nowMs);
    }
  }

  /** nginx ignores `max_fails` of an endpoint that is alone in its group. */
  #usesMaxFails(endpoint: EndpointRuntime): boolean {
    return endpoint.snapshot.maxFails !== undefined && this.#endpoints.size > 1;
  }

  #isClosed(slot: number): boolean {
    const endpoint = this.#endpoints.get(slot);
    if (endpoint === undefined) return true;
    const { board } = this.#context;
    const { maxConns, maxFails, failTimeoutMs } = endpoint.snapshot;
    if (maxConns > 0 && Atomics.load(board.inFlight, slot) >= maxConns) return true;
    if (maxFails === undefined || this.#endpoints.size < 2) return false;
    return isHeldBack(board, slot, maxFails, failTimeoutMs, this.#nowMs);
  }

  #succeeded(endpoint: EndpointRuntime, latencyUs: number): void {
    const { board } = this.#context;
    const { slot } = endpoint;
    if (board.failuresInARow[slot] !== 0) Atomics.store(board.failuresInARow, slot, 0);
    if (endpoint.snapshot.maxFails !== undefined) noteSuccess(board, slot);
    if (this.#decayMs > 0) observeLatency(board, slot, latencyUs, Date.now(), this.#decayMs);
  }

  #failed(endpoint: EndpointRuntime): void {
    const { board, counters } = this.#context;
    const { slot } = endpoint;
    counters.upstream[this.row + upstreamCounter.failedAttempts]!++;
    Atomics.add(board.failuresInARow, slot, 1);
    const { maxFails } = endpoint.snapshot;
    if (maxFails !== undefined) {
      noteFailure(board, slot, maxFails, Date.now());
      penalize(board, slot, maxFails);
    }
    Atomics.add(board.attention, 0, 1);
    Atomics.notify(board.attention, 0);
  }

  #updateEndpoints(snapshot: UpstreamSnapshot): void {
    const named = new Set(snapshot.endpoints.map(({ slot }) => slot));
    for (const [slot, endpoint] of this.#endpoints) {
      if (named.has(slot)) continue;
      endpoint.remove();
      this.#endpoints.delete(slot);
    }
    this.#bounded = false;
    for (const one of snapshot.endpoints) {
      const known = this.#endpoints.get(one.slot);
      if (known !== undefined) known.snapshot = one;
      else this.#endpoints.set(one.slot, new EndpointRuntime(one, this, this.#context.origins));
      if (one.maxConns > 0 || one.maxFails !== undefined) this.#bounded = true;
    }
  }

  #refresh(): void {
    const generation = Atomics.load(this.#context.board.generation, this.slot);
    if (generation !== this.#generation) this.#rebuild();
  }

  #rebuild(): void {
    const { board } = this.#context;
    this.#generation = Atomics.load(board.generation, this.slot);
    const candidates = this.snapshot.endpoints.map(({ slot, backup }) => {
      const state = Atomics.load(board.state, slot);
      const takesBound = (state & TAKES_BOUND) !== 0;
      return {
        slot,
        backup,
        takesNew: (state & TAKES_NEW) !== 0,
        takesBound,
        weight: board.weight[slot]!,
      };
    });
    const members = eligibleMembers(candidates);
    const backups = eligibleBackups(candidates);
    if (this.#tableRest.keeps(members, backups)) return;
    const policy = createPolicy(this.snapshot);
    this.#locked = board.workers > 1 && (policy.exclusive || this.#bounded);
    const pickerOf = (slots: readonly number[]): Picker | undefined =>
      slots.length === 0 ? undefined : policy.createPicker(slots, board, Math.random);
    // Where no primary is eligible the backups are the members already.
    this.#primary = pickerOf(members);
    this.#backup = members[0] === backups[0] ? undefined : pickerOf(backups);
    if (this.snapshot.balance.policy === "hash") this.#tableRest.built(members, backups);
  }
}
