/**
 * One request's life as its client sees it: from its head over routing to the answer's last byte.
 * The attempts to get an answer are `Dispatch`'s.
 */
import { reason, type Reason } from "../../errors/catalogue.ts";
import type { ClientConnection } from "../client/client-connection.ts";
import { Dispatch } from "./dispatch.ts";
import type { DispatchOwner } from "./dispatch-owner.ts";
import { bodyBytesOf } from "../edge/local-response.ts";
import { retryAfterSeconds } from "../edge/rate-limit.ts";
import { ExchangeRecord } from "./exchange-record.ts";
import { fieldValue } from "./field-value.ts";
import { forwardsLeft } from "./max-forwards.ts";
import { fieldId, type RequestHead, type ResponseParser } from "../http1/contract.ts";
import type { OriginConnection } from "../upstream/origin-connection.ts";
import { planForward, type ForwardPlan } from "./plan-forward.ts";
import type { ProxyContext } from "../proxy-context.ts";
import { RequestBody } from "./request-body.ts";
import { RequestSender } from "./request-sender.ts";
import { ResponseRelay } from "./response-relay.ts";
import type { RouteRuntime } from "../router/route-runtime.ts";
import { keptTrailers } from "./trailers.ts";
import { Tunnel } from "./tunnel.ts";
import type { Outgoing } from "../wire/outgoing.ts";

/** What the log says of a request whose client left before its answer (nginx's word for it). */
const CLIENT_CLOSED_STATUS = 499;
/** Interim answers one request may have, over all its attempts. */
const MOST_INTERIMS = 64;

/** See the file's head. Serves one request of its client, then tells it `exchangeDone`. */
export class Exchange implements DispatchOwner {
  readonly #client: ClientConnection;
  readonly #context: ProxyContext;
  readonly #record: ExchangeRecord;
  #body: RequestBody | undefined;
  #plan: ForwardPlan | undefined;
  #dispatch: Dispatch | undefined;
  #sender: RequestSender | undefined;
  /** What the plan sends. */
  #head: Outgoing | undefined;
  #relay: ResponseRelay | undefined;
  #tunnel: Tunnel | undefined;
  #isHead = false;
  #keepAlive = false;
  #interims = 0;
  #accept: string | undefined;
  #over = false;
  /** Body bytes of an answer that no origin gave. */
  #ownBytes = 0;

  constructor(client: ClientConnection, context: ProxyContext) {
    this.#client = client;
    this.#context = context;
    this.#record = new ExchangeRecord(client, context);
  }

  /** Bytes of the request's body are still to come. */
  get wantsBody(): boolean {
    return !this.#over && this.#body !== undefined && !this.#body.done;
  }

  /** They come when an origin asked for them. */
  get awaitsGoAhead(): boolean {
    return this.#sender?.awaitsGoAhead === true;
  }

  get tunnel(): Tunnel | undefined {
    return this.#tunnel;
  }

  /** Takes the request on. The head is read here and not kept. May be over when this returns. */
  begin(head: RequestHead): void {
    const { inbound, routes, viaName, faults } = this.#context;
    const refusal = inbound.read(head, this.#client, viaName);
    this.#record.begin(inbound, head);
    this.#isHead = head.isHead;
    this.#keepAlive = head.keepAlive;
    const accept = head.find(fieldId.accept);
    if (accept >= 0) this.#accept = fieldValue(head, accept);
    if (head.framing !== "none") this.#body = new RequestBody(head.framing, head.contentLength);
    if (refusal !== undefined) return this.#fail(refusal);
    const route = routes.match(inbound);
    if (route === undefined) return this.#fail(reason.no_route);
    this.#record.route = route;
    this.#body?.limitTo(route.rules.bodyBytes);
    const denial = route.admit(inbound);
    if (denial !== undefined) return this.#fail(denial.reason, denial.retryAfterS);
    if (this.#body?.refusal !== undefined) return this.#fail(this.#body.refusal);
    if (route.group === undefined) return this.#answer(route);
    if (forwardsLeft(head) === 0) {
      // What TRACE would send back may be meant for nobody else's eyes.
      const isTrace = head.method === "TRACE";
      return isTrace ? this.#fail(reason.method_not_supported) : this.#answer(route);
    }
    this.#head = this.#context.requestOutgoings.take();
    const plan = planForward(route, route.group, inbound, head, this.#client, this.#head);
    if (!faults.isEmpty) plan.faults = faults.candidates(route.snapshot.name, head);
    this.#plan = plan;
    this.#forward(plan);
  }

  /** Takes body bytes from the client; returns where the body ended within them. */
  requestBytes(bytes: Buffer, from: number, end: number): number {
    const body = this.#body!;
    const at = body.scan(bytes, from, end);
    if (body.refusal !== undefined) {
      this.#fail(body.refusal);
      return end;
    }
    const sender = this.#sender;
    for (let span = 0; span < body.spanCount; span++) {
      sender?.push(bytes, body.spans[2 * span]!, body.spans[2 * span + 1]!);
    }
    if (body.done) {
      if (body.tail !== "") this.#pushTrailers(body.tail);
      this.#client.awaitNothing();
      sender?.finish();
    } else if (sender?.blocked === true) {
      this.#client.pause();
      this.#dispatch?.current?.awaitTaking();
    } else this.#client.awaitBody();
    return at;
  }

  /** The client can take more of the answer. */
  clientDrained(): void {
    if (this.#tunnel === undefined) this.#dispatch?.current?.resume();
    else this.#tunnel.clientDrained();
    if (this.wantsBody && this.#sender?.blocked !== true) this.#client.awaitBody();
  }

  /** The client sends no more; fine, once its request is complete, unless the listener takes it for
   * having left. */
  clientEnded(): void {
    if (this.#tunnel !== undefined) this.#tunnel.clientEnded();
    else if (this.wantsBody || this.#client.listener.snapshot.abortOnClose) {
      this.clientGone(reason.client_closed);
      this.#client.reset();
    }
  }

  /** The client is gone or given up: stop everything, judge nobody. */
  clientGone(why: Reason): void {
    if (this.#over) return;
    const tunnelled = this.#tunnel !== undefined;
    this.#end(this.#relay?.status || CLIENT_CLOSED_STATUS, tunnelled ? undefined : why);
  }

  /** The client let the time for its body pass. */
  requestTimedOut(): void {
    this.#fail(reason.body_timeout);
  }

  /** Evenkeel ends, and the time for finishing is over. */
  cut(): void {
    this.#fail(reason.shutting_down);
  }

  /** The route's total time is up. */
  tookTooLong(): void {
    this.#fail(reason.total_timeout);
  }

  // --- What the dispatch reports ---

  answerInterim(head: ResponseParser): void {
    const plan = this.#plan!;
    // They are written without waiting for the client to read: bound how many.
    if (++this.#interims > MOST_INTERIMS) return this.#fail(reason.bad_response);
    if (plan.oldClient || (head.status === 100 && !plan.wantsContinue)) return;
    const relay = this.#newRelay();
    relay.interim(head, plan.changes.responseFilter);
    relay.drop();
    if (head.status !== 100 || !this.awaitsGoAhead) return;
    this.#sender?.goAhead();
    this.#client.awaitBody();
  }

  answerHead(connection: OriginConnection, head: ResponseParser): void {
    const plan = this.#plan!;
    if (head.status === 101) return this.#upgrade(connection, head, plan);
    const keepAlive = this.#mayKeep();
    const { sticky } = plan.group;
    const { slot } = connection.endpoint;
    const cookie = sticky === undefined || slot === plan.boundTo ? "" : sticky.setCookieLine(slot);
    this.#relay ??= this.#newRelay();
    this.#relay.head(connection, head, plan, keepAlive, plan.responseLines + cookie);
  }

  answerBody(connection: OriginConnection, bytes: Buffer, from: number, to: number): void {
    this.#relay!.body(connection, bytes, from, to);
  }

  answerReadEnd(): void {
    this.#relay?.flush();
  }

  answerDone(): void {
    if (this.#tunnel !== undefined) return;
    const relay = this.#relay!;
    relay.end();
    const keep = relay.keepAlive && (this.#body?.done ?? true);
    this.#end(relay.status, undefined);
    this.#client.exchangeDone(keep);
  }

  answerTakenBack(): boolean {
    if (this.#relay?.isKeptBack !== true) return false;
    this.#relay.drop();
    this.#relay = undefined;
    return true;
  }

  /** The client must not take half an answer for a whole one. */
  answerBroke(why: Reason): void {
    if (this.#tunnel !== undefined) return this.#endTunnel();
    this.#relay?.flush();
    this.#end(this.#relay?.status ?? why.status, why);
    this.#client.reset();
  }

  tunnelBytes(bytes: Buffer | undefined): void {
    this.#tunnel?.fromOrigin(bytes);
  }

  originDrained(): void {
    if (this.#tunnel !== undefined) this.#tunnel.originDrained();
    else if (this.wantsBody && this.#sender?.blocked === false) {
      this.#client.resume();
      this.#client.awaitBody();
    }
  }

  dispatchFailed(why: Reason): void {
    const isBusy = why === reason.queue_full || why === reason.queue_timeout;
    // By then all who wait now are served or gone.
    this.#fail(why, isBusy ? retryAfterSeconds(this.#plan!.group.snapshot.queue.timeoutMs) : 0);
  }

  // --- Inside ---

  #forward(plan: ForwardPlan): void {
    if (this.#body !== undefined) {
      const { head, rules, wantsContinue } = plan;
      const { direct } = this.#context;
      this.#sender = new RequestSender(head, rules.replayBytes, direct, wantsContinue);
    }
    const { totalMs } = plan.rules.timeouts;
    if (totalMs > 0) this.#client.boundTotal(totalMs);
    this.#dispatch = new Dispatch(this, plan, this.#sender, this.#record, this.#context);
    this.#dispatch.start();
  }

  #pushTrailers(tail: string): void {
    const { listener, peer } = this.#client;
    const filter = listener.receivedFilter(peer.isTrusted);
    const trailers = keptTrailers(tail, filter, this.#plan?.changes.requestFilter);
    this.#sender?.push(trailers, 0, trailers.length);
  }

  #newRelay(): ResponseRelay {
    return new ResponseRelay(this.#client, this.#context);
  }

  #mayKeep(): boolean {
    return this.#keepAlive && !this.#client.lastRequest && (this.#body?.done ?? true);
  }

  /** A redirect, a fixed answer, or an empty one to what may not be forwarded. */
  #answer(route: RouteRuntime): void {
    const { inbound, date } = this.#context;
    const keepAlive = this.#mayKeep();
    const context = {
      isHead: this.#isHead,
      keepAlive,
      extraLines: route.addedLines(route.changes.response, inbound),
    };
    const text = route.answer(inbound, context, date);
    this.#client.socket.write(text, "latin1");
    this.#ownBytes = bodyBytesOf(text);
    this.#end(route.answerStatus, undefined);
    this.#client.exchangeDone(keepAlive);
  }

  #upgrade(connection: OriginConnection, head: ResponseParser, plan: ForwardPlan): void {
    const chosen = head.upgradeField < 0 ? "" : fieldValue(head, head.upgradeField);
    const offered = plan.upgrade.toLowerCase().split(/\s*,\s*/);
    // Nobody asked for this protocol: what follows would pass unseen.
    if (chosen === "" || !offered.includes(chosen.toLowerCase())) {
      return this.#fail(reason.bad_response);
    }
    this.#client.unboundTotal();
    const { tunnelIdleMs } = plan.rules.timeouts;
    const { wheel } = this.#context;
    this.#tunnel = new Tunnel(this.#client, connection, wheel, tunnelIdleMs, () =>
      this.#endTunnel(),
    );
    this.#relay = this.#newRelay();
    this.#relay.switched(head, plan, chosen);
    this.#giveBack();
    this.#client.startTunnel();
  }

  #endTunnel(): void {
    this.#end(101, undefined);
    this.#client.exchangeDone(false);
  }

  /** Gives up: with an error page where nothing was sent yet, else by cutting the connection. */
  #fail(why: Reason, retryAfterS = 0): void {
    if (this.#over) return;
    this.answerTakenBack();
    const started = (this.#relay?.status ?? 0) !== 0;
    const { socket } = this.#client;
    const keepAlive = !started && why.status !== 408 && this.#mayKeep();
    if (started || why.status === 0) {
      this.#end(started ? this.#relay!.status : why.status, why);
      return this.#client.reset();
    }
    const page = this.#context.errorPages.render(why, {
      isHead: this.#isHead,
      keepAlive,
      extraLines: "",
      requestId: this.#record.requestId,
      accept: this.#accept,
      retryAfterS,
    });
    this.#ownBytes = bodyBytesOf(page);
    this.#end(why.status, why);
    socket.write(page, "latin1");
    this.#client.exchangeDone(keepAlive);
  }

  /** What nothing is written from any more may serve others. */
  #giveBack(): void {
    this.#relay?.drop();
    const head = this.#head;
    if (head?.isWaiting === true) this.#context.sends.flush();
    if (head !== undefined) this.#context.requestOutgoings.give(head);
    this.#head = undefined;
  }

  #end(status: number, why: Reason | undefined): void {
    this.#over = true;
    this.#client.unboundTotal();
    this.#tunnel?.close();
    this.#dispatch?.close();
    this.#giveBack();
    this.#record.end({
      status,
      reason: why,
      bytesReceived: (this.#body?.received ?? 0) + (this.#tunnel?.bytesFromClient ?? 0),
      bytesSent:
        this.#ownBytes + (this.#relay?.bytesSent ?? 0) + (this.#tunnel?.bytesFromOrigin ?? 0),
    });
  }
}
