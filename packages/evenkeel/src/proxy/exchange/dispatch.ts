/**
 * The attempts of one request: chooses endpoints, tries again, asks a second where the first is slow
 * or was judged bad, and keeps the counts straight whatever happens. It knows nothing of the client; its owner gets one answer or
 * one reason why there is none.
 */
import { speaksAgainstLoser } from "@evenkeel/balance";

import { endpointCounter, upstreamCounter } from "../../board/board.ts";
import { reason, type Reason } from "../../errors/catalogue.ts";
import { meetFault } from "../faults/meet-fault.ts";
import type { AttemptRecord } from "./attempt-record.ts";
import type { EndpointRuntime } from "../upstream/endpoint-runtime.ts";
import type { ResponseParser } from "../http1/contract.ts";
import {
  failureReason,
  isUnsent,
  type AttemptFailure,
  type AttemptOwner,
} from "../upstream/attempt.ts";
import type { OriginConnection } from "../upstream/origin-connection.ts";
import type { ForwardPlan } from "./plan-forward.ts";
import { Patience, type Patient } from "./patience.ts";
import type { ProxyContext } from "../proxy-context.ts";
import type { RequestSender } from "./request-sender.ts";
import type { DispatchOwner } from "./dispatch-owner.ts";
import { mayBeHeld, mayTryAgain } from "./retry.ts";
import { keptTrailers } from "./trailers.ts";
import type { Timer } from "../timer-wheel.ts";
import type { UpstreamGroup } from "../upstream/upstream-group.ts";

/** Attempts one request may make at the very most, those over stale connections included. */
const MOST_ATTEMPTS = 20;
const none: readonly never[] = [];

/** See the file's head. One per forwarded request; `close` must be called at its end. */
export class Dispatch implements AttemptOwner, Patient {
  /** The attempt whose answer is awaited or relayed; of several the first. */
  current: OriginConnection | undefined;
  readonly #owner: DispatchOwner;
  readonly #plan: ForwardPlan;
  readonly #group: UpstreamGroup;
  readonly #context: ProxyContext;
  readonly #record: AttemptRecord;
  readonly #sender: RequestSender | undefined;
  #tried: number[] | undefined;
  /** Attempts beside the current one: hedges, and those that left an endpoint judged bad. Whichever
   * answers first is the current one then, and there are no others. */
  #rivals: readonly OriginConnection[] = none;
  /** Hedges that may still be started. */
  #hedgesLeft = 0;
  #attempts = 0;
  /** Attempts that count against the route's number of retries. */
  #counted = 0;
  #freshOnly = false;
  #retrying = 0;
  #probing = false;
  #went: boolean | undefined;
  #answering = false;
  #closed = false;
  #patience: Patience | undefined;
  #hedgeTimer: Timer | undefined;

  constructor(
    owner: DispatchOwner,
    plan: ForwardPlan,
    sender: RequestSender | undefined,
    record: AttemptRecord,
    context: ProxyContext,
  ) {
    this.#owner = owner;
    this.#plan = plan;
    this.#group = plan.group;
    this.#sender = sender;
    this.#record = record;
    this.#context = context;
  }

  /** Makes the first attempt, or starts waiting for one; may fail before it returns. */
  start(): void {
    const group = this.#group;
    const admission = group.admit();
    group.enter();
    this.#probing = admission === "probe";
    if (admission === "refused" || admission === "over_limit") {
      this.#count(upstreamCounter.breakerRefusals);
      const refused = admission === "refused";
      return this.#owner.dispatchFailed(refused ? reason.breaker_open : reason.breaker_limit);
    }
    const { rules, repeatable } = this.#plan;
    if (rules.hedge !== undefined && repeatable) {
      this.#hedgesLeft = Math.max(1, rules.retry.attempts);
    }
    // Nobody overtakes those who wait.
    if (group.waiting.length > 0) group.waiting.pump();
    const endpoint = group.hasQueue ? undefined : this.#choose();
    if (endpoint === undefined) this.#wait();
    else this.#attempt(endpoint);
  }

  /** Ends what is still running, judging nobody, and gives all counts back. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const group = this.#group;
    this.#patience?.end();
    this.#hedgeTimer?.end();
    for (const rival of this.#rivals) this.#abandon(rival);
    this.#abandon(this.current);
    this.#rivals = none;
    this.current = undefined;
    for (; this.#retrying > 0; this.#retrying--) group.retryDone();
    if (this.#probing) group.settleProbe(this.#went);
    group.leave();
  }

  serve(): boolean {
    if (this.#closed) return true;
    const endpoint = this.#choose();
    if (endpoint === undefined) return false;
    const connection = this.#connectionTo(endpoint);
    if (connection === undefined) {
      this.#group.askForConnection();
      return false;
    }
    this.#patience?.rest();
    this.#begin(connection);
    return true;
  }

  // --- What attempts report ---

  attemptConnected(connection: OriginConnection): void {
    this.#send(connection);
  }

  /** Whoever may ask another endpoint needs no longer hope for this one. It is not cancelled yet: the
   * judgement may be wrong. */
  attemptGivenUp(connection: OriginConnection): void {
    const { retry } = this.#plan.rules;
    if (this.#answering || this.#counted >= retry.attempts) return;
    if (this.#isHopeful(this.current) || this.#rivals.some((one) => this.#isHopeful(one))) return;
    if (!(this.#sender?.replayable ?? true)) return;
    const unsent = connection.connecting;
    if (!(unsent ? retry.onConnectFailure : retry.onReset)) return;
    if (this.#plan.repeatable) {
      if (this.#askAnother("move")) this.#counted++;
    } else if (unsent) this.#moveUnsent(connection);
  }

  attemptDrained(): void {
    this.#owner.originDrained();
  }

  attemptHead(connection: OriginConnection, head: ResponseParser): boolean {
    if (head.status < 200 && head.status !== 101) {
      this.#owner.answerInterim(head);
      return true;
    }
    this.#record.headArrived(connection, head.status);
    connection.endpoint.spoke();
    this.#group.headTimes?.record(connection.headUs);
    if (this.#plan.rules.retriesStatus(head.status)) {
      if (this.#leaveToRival(connection) || this.#retryAfterStatus(connection)) return false;
    }
    this.#win(connection);
    this.#went = !this.#group.countsAsFailure(head.status);
    this.#owner.answerHead(connection, head);
    return true;
  }

  attemptBody(connection: OriginConnection, bytes: Buffer, from: number, to: number): void {
    this.#owner.answerBody(connection, bytes, from, to);
  }

  attemptTrailers(connection: OriginConnection, tail: string): void {
    const trailers = keptTrailers(tail, this.#plan.changes.responseFilter);
    this.#owner.answerBody(connection, trailers, 0, trailers.length);
  }

  attemptReadEnd(): void {
    if (this.#answering) this.#owner.answerReadEnd();
  }

  attemptDone(connection: OriginConnection): void {
    this.current = undefined;
    this.#settle(connection, this.#went);
    this.#owner.answerDone();
  }

  attemptFailed(connection: OriginConnection, failure: AttemptFailure): void {
    this.#record.attemptFailed(connection, failure);
    // Closed without a byte on a connection that had served before: the keep-alive race. It says
    // nothing about the endpoint, so it is not held against it.
    const stale = failure === "origin_closed" && connection.attempts > 1;
    const isBlameless = failure === "local" || stale || hungUpOnBody(connection, failure);
    this.#settle(connection, isBlameless ? undefined : false);
    this.#leave(connection);
    if (this.current !== undefined) return;
    this.#went = false;
    const why = failureReason[failure];
    if (this.#answering && !this.#owner.answerTakenBack()) return this.#owner.answerBroke(why);
    this.#answering = false;
    this.#hedgeTimer?.clear();
    if (this.#mayRetry(failure, stale)) this.#tryAgain(connection.endpoint, failure, stale);
    else if (!this.#hold(mayBeHeld(failure, this.#plan, this.#patience !== undefined)))
      this.#owner.dispatchFailed(why);
  }

  tunnelBytes(_connection: OriginConnection, bytes: Buffer | undefined): void {
    this.#owner.tunnelBytes(bytes);
  }

  // --- Attempts ---

  #choose(): EndpointRuntime | undefined {
    const { boundTo, key } = this.#plan;
    if (this.#tried !== undefined) return this.#group.pick(key, this.#tried);
    const bound = boundTo < 0 ? undefined : this.#group.pickBound(boundTo);
    return bound ?? this.#group.pick(key, undefined);
  }

  #attempt(endpoint: EndpointRuntime): void {
    const connection = this.#connectionTo(endpoint);
    if (connection !== undefined) this.#begin(connection);
    else this.#bear((patience) => patience.awaitConnection());
  }

  #begin(connection: OriginConnection): void {
    this.current = connection;
    if (this.#hedgesLeft > 0) this.#armHedge();
    if (!connection.connecting) this.#send(connection);
  }

  /** A connection of this request's own; `undefined` where no more may be dialled. */
  #connectionTo(endpoint: EndpointRuntime): OriginConnection | undefined {
    const { repeatable, isHead, rules } = this.#plan;
    const { timeouts } = rules;
    const counters = this.#context.counters.endpoint;
    const now = this.#context.clock.nowMs;
    let connection = this.#freshOnly ? undefined : endpoint.takeIdle(!repeatable, now);
    if (connection === undefined) {
      const { connections } = this.#group;
      if (!connections.reserve()) {
        this.#group.settle(endpoint, undefined, 0);
        return undefined;
      }
      connection = endpoint.dial(timeouts.connectMs);
      connections.dialled();
      counters[endpoint.row + endpointCounter.connects]!++;
    }
    this.#attempts++;
    counters[endpoint.row + endpointCounter.requests]!++;
    connection.assign(this, isHead, timeouts.idleMs);
    connection.startedMs = now;
    return connection;
  }

  #send(connection: OriginConnection): void {
    const { faults } = this.#plan;
    if (faults === undefined) return this.#sendNow(connection);
    const { fineWheel: wheel } = this.#context;
    const send = (): void => this.#sendNow(connection);
    if (!meetFault(faults, connection, { rules: this.#plan.rules, wheel, owner: this, send }))
      send();
  }

  #sendNow(connection: OriginConnection): void {
    const { head, rules } = this.#plan;
    const { firstByteMs } = rules;
    if (this.#sender === undefined) {
      connection.send(head);
      connection.requestSent = true;
      connection.awaitAnswer(firstByteMs);
    } else {
      this.#sender.attach(connection, firstByteMs);
      if (!this.#sender.blocked) this.#owner.originDrained();
    }
  }

  /** The answer is this connection's; its rivals are given up. */
  #win(connection: OriginConnection): void {
    this.#answering = true;
    this.#hedgeTimer?.clear();
    if (this.#rivals.length === 0) return;
    const all = [this.current!, ...this.#rivals];
    this.#rivals = none;
    this.current = connection;
    for (const other of all) if (other !== connection) this.#lose(other, connection);
    // One of them may have been what the request's body waited for.
    if (this.#sender?.blocked === false) this.#owner.originDrained();
  }

  /** Gives up an attempt that another overtook. An endpoint whose requests are always rescued would
   * never fail otherwise. */
  #lose(loser: OriginConnection, winner: OriginConnection): void {
    const { endpoint, startedMs } = loser;
    const nowMs = this.#context.clock.nowMs;
    const loserMs = nowMs - startedMs;
    const awaited = !loser.answered && this.#isWhole;
    const silentMs = awaited ? endpoint.lost(startedMs, nowMs) : 0;
    const isBad = speaksAgainstLoser({ loserMs, winnerMs: winner.headUs / 1000, silentMs });
    loser.abandon();
    this.#settle(loser, isBad ? false : undefined);
    this.#group.tookLonger(endpoint, loserMs * 1000);
  }

  /** Forgets an attempt that is over; a rival takes the place of the current one. */
  #leave(connection: OriginConnection): void {
    if (connection === this.current) {
      this.current = this.#rivals[0];
      this.#rivals = this.#rivals.length > 1 ? this.#rivals.slice(1) : none;
    } else this.#rivals = this.#rivals.filter((rival) => rival !== connection);
  }

  /** An answer that would be tried again is not taken while another attempt may bring a better. */
  #leaveToRival(connection: OriginConnection): boolean {
    if (this.#rivals.length === 0) return false;
    this.#leave(connection);
    connection.abandon();
    this.#settle(connection, false);
    return true;
  }

  #abandon(connection: OriginConnection | undefined): void {
    if (connection === undefined) return;
    connection.abandon();
    this.#settle(connection, undefined);
  }

  #settle(connection: OriginConnection, went: boolean | undefined): void {
    const tookUs = (this.#context.clock.nowMs - connection.startedMs) * 1000;
    // Recorded first: freeing its place may give the connection to the next request.
    const latencyUs = connection.headUs || tookUs;
    this.#record.attemptEnded(connection, went, tookUs);
    this.#group.settle(connection.endpoint, went, latencyUs);
  }

  // --- Trying again ---

  #mayRetry(failure: AttemptFailure | "status", stale: boolean): boolean {
    if (!stale) this.#counted++;
    if (this.#attempts >= MOST_ATTEMPTS) return false;
    const sent = !isUnsent(failure);
    const allowed = mayTryAgain(this.#plan.rules.retry, {
      failure,
      attempts: this.#counted,
      replayable: this.#sender?.replayable ?? true,
      sent,
      repeatable: this.#plan.repeatable,
    });
    // What never reached an origin adds nothing to its load, so the budget is not asked.
    if (!allowed || !sent || stale) return allowed;
    if (!this.#group.takeRetry()) return false;
    this.#retrying++;
    return true;
  }

  /** Another endpoint if there is one. Where only an idle connection was stale any will do on a new
   * one, the same first for clients that are bound or hashed to it. */
  #tryAgain(failed: EndpointRuntime, failure: AttemptFailure, stale: boolean): void {
    if (stale) {
      this.#freshOnly = true;
      this.#tried = this.#tried?.filter((slot) => slot !== failed.slot);
    } else this.#markTried(failed);
    const endpoint = this.#choose();
    if (endpoint !== undefined) this.#attempt(endpoint);
    // Its place went to one that waited, while the origin was never to blame.
    else if (stale) this.#wait();
    // The retry was allowed: only somebody to try is missing.
    else if (!this.#hold(true)) this.#owner.dispatchFailed(failureReason[failure]);
  }

  #markTried({ slot }: EndpointRuntime): void {
    // Made for the first failure only: most requests have none.
    if (this.#tried === undefined) this.#tried = [slot];
    else if (!this.#tried.includes(slot)) this.#tried.push(slot);
  }

  #retryAfterStatus(connection: OriginConnection): boolean {
    if (!this.#mayRetry("status", false)) return false;
    this.#markTried(connection.endpoint);
    const endpoint = this.#choose();
    // With nowhere else to go the answer at hand is better than none.
    if (endpoint === undefined) return false;
    this.current = undefined;
    connection.abandon();
    this.#settle(connection, false);
    this.#hedgeTimer?.clear();
    this.#attempt(endpoint);
    return true;
  }

  /** All of the request is here: before that nobody can be expected to answer it. */
  get #isWhole(): boolean {
    return this.#sender?.isWhole ?? true;
  }

  #armHedge(): void {
    this.#hedgeTimer ??= this.#context.fineWheel.timer(() => this.#hedge());
    this.#hedgeTimer.set(this.#group.hedgeAfterMs(this.#plan.rules.hedge!));
  }

  /** No head yet: another endpoint is asked too, within the retry budget. Where that was not possible
   * now it may be after the same time again. */
  #hedge(): void {
    const { current } = this;
    if (current === undefined || this.#answering) return;
    const mayAsk = this.#isWhole && (this.#sender?.replayable ?? true);
    if (mayAsk && this.#askAnother("hedge")) this.#hedgesLeft--;
    if (this.#hedgesLeft > 0) this.#armHedge();
  }

  /** Starts an attempt beside the current one; false where nobody is left or no more may be made. */
  #askAnother(why: "hedge" | "move"): boolean {
    if (this.#attempts >= MOST_ATTEMPTS) return false;
    this.#markTried(this.current!.endpoint);
    const endpoint = this.#choose();
    const connection = endpoint === undefined ? undefined : this.#rivalAt(endpoint, why);
    if (connection === undefined) return false;
    this.#markTried(connection.endpoint);
    this.#rivals = [...this.#rivals, connection];
    if (!connection.connecting) this.#send(connection);
    return true;
  }

  #rivalAt(endpoint: EndpointRuntime, why: "hedge" | "move"): OriginConnection | undefined {
    const group = this.#group;
    if (!(why === "hedge" ? group.takeRetry() : group.takeMove())) {
      group.settle(endpoint, undefined, 0);
      return undefined;
    }
    this.#retrying++;
    const connection = this.#connectionTo(endpoint);
    if (connection !== undefined && why === "hedge") this.#count(upstreamCounter.hedges);
    return connection;
  }

  // --- Leaving endpoints that were judged bad ---

  #isHopeful(connection: OriginConnection | undefined): boolean {
    return connection !== undefined && !connection.givenUp;
  }

  /** Nothing of the request was sent, so it may go elsewhere whatever its method; but not twice. */
  #moveUnsent(connection: OriginConnection): void {
    this.#markTried(connection.endpoint);
    const endpoint = this.#choose();
    if (endpoint === undefined) return;
    this.#counted++;
    this.#count(upstreamCounter.moved);
    this.current = undefined;
    this.#abandon(connection);
    this.#attempt(endpoint);
  }

  // --- Waiting ---

  waitedTooLong(why: Reason): void {
    this.#owner.dispatchFailed(why);
  }

  tryHeld(): void {
    this.#tried = undefined;
    this.#attempts = 0;
    this.#counted = 0;
    const endpoint = this.#choose();
    if (endpoint === undefined) this.#wait();
    else this.#attempt(endpoint);
  }

  /** Who waits takes any endpoint: where it can't be served, nobody behind it can. */
  #wait(): void {
    this.#tried = undefined;
    this.#bear((patience) => patience.wait());
  }

  #bear(wait: (patience: Patience) => Reason | undefined): void {
    this.#patience ??= new Patience(this.#group, this.#context, this);
    const refusal = wait(this.#patience);
    if (refusal !== undefined) this.#owner.dispatchFailed(refusal);
  }

  #hold(mayRepeat: boolean): boolean {
    if (!mayRepeat || !(this.#sender?.replayable ?? true)) return false;
    this.#patience ??= new Patience(this.#group, this.#context, this);
    return this.#patience.hold();
  }

  #count(column: number): void {
    this.#context.counters.upstream[this.#group.row + column]!++;
  }
}

/** An origin that has answered may close while the body still comes; writing on then resets the
 * connection, and the answer with it. Clients could have sound endpoints ejected by large uploads. */
function hungUpOnBody({ requestSent }: OriginConnection, failure: AttemptFailure): boolean {
  return !requestSent && (failure === "origin_closed" || failure === "origin_reset");
}
