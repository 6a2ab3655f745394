/** Messages on their way: kept until confirmed, tried again, in order for each receiver and group. */
import type { Memory } from "../history/contract.ts";
import type { ReceiverSettings } from "../snapshot/alert-settings.ts";
import { backOff, GIVE_UP_AFTER_MS } from "./back-off.ts";
import type { DeliveryView } from "./contract.ts";
import type { AlertLog, AlertTimers, Send, SendOutcome } from "./deps.ts";
import type { Belief } from "./grouping.ts";
import type { Message } from "./message.ts";
import { createReceiverTally, type ReceiverTally } from "./receiver-tally.ts";
import { createTimedSend } from "./timed-send.ts";

const SPACE = "alert_deliveries";

/** Messages that may wait for one receiver. */
export const MAX_WAITING = 1000;

/** Messages sent to one receiver at once, each of another group. */
const MAX_AT_ONCE = 4;

/** Deliveries that are over and still shown. */
const SHOWN = 200;

/** What is kept. `belief`: what the receiver takes for firing once it has it. */
export interface Delivery {
  readonly receiver: string;
  readonly message: Message;
  readonly belief: Belief | undefined;
  /** Tells of another receiver's failure: is not told of in turn. */
  readonly instead: boolean;
  readonly attempts: number;
}

interface Waiting {
  readonly delivery: Delivery;
  readonly sinceMs: number;
  attempts: number;
  notBeforeMs: number;
  lastProblem: string | undefined;
  abort: AbortController | undefined;
}

/** How a delivery ended. */
export interface QueueEvents {
  readonly sent: (delivery: Delivery, nowMs: number) => void;
  /** `refused`: it would never go well. */
  readonly givenUp: (delivery: Delivery, problem: string, refused: boolean, nowMs: number) => void;
}

export interface QueueDeps {
  readonly memory: Memory;
  readonly log: AlertLog;
  readonly nowMs: () => number;
  readonly timers: AlertTimers;
  readonly random: () => number;
  readonly send: Send;
}

export interface DeliveryQueue {
  /** Takes up what is left of before. */
  load(receivers: ReadonlyMap<string, ReceiverSettings>): void;
  /** From now on; what waits for a receiver that is gone is dropped. */
  setReceivers(receivers: ReadonlyMap<string, ReceiverSettings>): void;
  /** Kept before it returns. False where too many wait. */
  push(delivery: Omit<Delivery, "attempts">): boolean;
  /** Sends what is due. */
  pump(nowMs: number): void;
  /** Of the last message on its way that says how the group stands. */
  beliefOf(receiver: string, groupKey: string): Belief | undefined;
  isBusy(receiver: string, groupKey: string): boolean;
  hasGroup(groupKey: string): boolean;
  list(): readonly DeliveryView[];
  tallyOf(receiver: string): ReceiverTally;
  waitingOf(receiver: string): number;
  close(): Promise<void>;
}

/** An empty queue. */
export function createDeliveryQueue(deps: QueueDeps, events: QueueEvents): DeliveryQueue {
  return new Queue(deps, events);
}

class Queue implements DeliveryQueue {
  readonly #deps: QueueDeps;
  readonly #events: QueueEvents;
  readonly #timedSend: ReturnType<typeof createTimedSend>;
  #receivers: ReadonlyMap<string, ReceiverSettings> = new Map();
  /** By receiver, in order. */
  readonly #waiting = new Map<string, Waiting[]>();
  readonly #tallies = new Map<string, ReceiverTally>();
  readonly #over: DeliveryView[] = [];
  readonly #underWay = new Set<Promise<void>>();
  #closed = false;

  constructor(deps: QueueDeps, events: QueueEvents) {
    this.#deps = deps;
    this.#events = events;
    this.#timedSend = createTimedSend(deps.send, deps.timers);
  }

  load(receivers: ReadonlyMap<string, ReceiverSettings>): void {
    const left = this.#deps.memory.all(SPACE).map(([, value]) => value as Delivery);
    const inOrder = left.toSorted(
      (one, other) =>
        one.message.atMs - other.message.atMs || (one.message.id < other.message.id ? -1 : 1),
    );
    for (const delivery of inOrder) this.#enqueue(delivery);
    this.setReceivers(receivers);
  }

  setReceivers(receivers: ReadonlyMap<string, ReceiverSettings>): void {
    this.#receivers = receivers;
    for (const [name, waiting] of this.#waiting) {
      if (receivers.has(name)) continue;
      for (const one of waiting) {
        one.abort?.abort();
        this.#finish(one, "given_up", "there is no such receiver any more");
      }
      this.#waiting.delete(name);
    }
    for (const name of this.#tallies.keys()) if (!receivers.has(name)) this.#tallies.delete(name);
  }

  push(partial: Omit<Delivery, "attempts">): boolean {
    if (this.waitingOf(partial.receiver) >= MAX_WAITING) {
      this.tallyOf(partial.receiver).givenUp++;
      return false;
    }
    const delivery = { ...partial, attempts: 0 };
    this.#deps.memory.set(SPACE, delivery.message.id, delivery);
    this.#enqueue(delivery);
    return true;
  }

  #enqueue(delivery: Delivery): void {
    const { receiver, attempts } = delivery;
    const waiting: Waiting = {
      delivery,
      sinceMs: this.#deps.nowMs(),
      attempts,
      notBeforeMs: 0,
      lastProblem: undefined,
      abort: undefined,
    };
    const lane = this.#waiting.get(receiver);
    if (lane) lane.push(waiting);
    else this.#waiting.set(receiver, [waiting]);
  }

  pump(nowMs: number): void {
    if (this.#closed) return;
    for (const [name, waiting] of this.#waiting) {
      const receiver = this.#receivers.get(name);
      if (!receiver || isAhead(this.tallyOf(name).pausedUntilMs, nowMs)) continue;
      let atOnce = waiting.filter(({ abort }) => abort !== undefined).length;
      const seen = new Set<string>();
      for (const one of waiting) {
        const { groupKey } = one.delivery.message;
        const isHead = !seen.has(groupKey);
        seen.add(groupKey);
        if (!isHead || one.abort || isAhead(one.notBeforeMs, nowMs)) continue;
        if (atOnce++ >= MAX_AT_ONCE) break;
        this.#try(receiver, one);
      }
    }
  }

  #try(receiver: ReceiverSettings, one: Waiting): void {
    const abort = new AbortController();
    one.abort = abort;
    one.attempts++;
    const trying = this.#deliver(receiver, one, abort);
    this.#underWay.add(trying);
    void trying.finally(() => this.#underWay.delete(trying));
  }

  async #deliver(receiver: ReceiverSettings, one: Waiting, abort: AbortController): Promise<void> {
    const outcome = await this.#timedSend(receiver, one.delivery.message, abort);
    one.abort = undefined;
    // Who closed the queue or dropped the receiver meanwhile has seen to the rest.
    if (this.#closed || !this.#waiting.get(receiver.name)?.includes(one)) return;
    this.#settle(one, outcome, this.#deps.nowMs());
    this.pump(this.#deps.nowMs());
  }

  #settle(one: Waiting, outcome: SendOutcome, nowMs: number): void {
    const { delivery } = one;
    const tally = this.tallyOf(delivery.receiver);
    if (outcome.kind === "sent") {
      tally.sent++;
      tally.failing = false;
      this.#remove(one);
      this.#events.sent(delivery, nowMs);
      this.#finish(one, "sent", one.lastProblem);
      return;
    }
    one.lastProblem = outcome.text;
    tally.failing = true;
    const refused = outcome.kind === "refused";
    if (refused || nowMs - one.sinceMs >= GIVE_UP_AFTER_MS) {
      tally.givenUp++;
      this.#remove(one);
      this.#finish(one, "given_up", outcome.text);
      this.#events.givenUp(delivery, outcome.text, refused, nowMs);
      return;
    }
    tally.retried++;
    const askedMs = outcome.notBeforeMs;
    const waitMs = backOff(one.attempts, this.#deps.random(), askedMs);
    one.notBeforeMs = nowMs + waitMs;
    if (askedMs !== undefined) tally.pausedUntilMs = one.notBeforeMs;
    const { receiver, message } = delivery;
    const fields = { receiver, delivery: message.id, attempts: one.attempts, retry_in_ms: waitMs };
    this.#deps.log.warn(fields, `${receiver} was not told: ${outcome.text}`);
    this.#deps.memory.set(SPACE, message.id, { ...delivery, attempts: one.attempts });
  }

  #remove(one: Waiting): void {
    const waiting = this.#waiting.get(one.delivery.receiver) ?? [];
    waiting.splice(waiting.indexOf(one), 1);
    if (waiting.length === 0) this.#waiting.delete(one.delivery.receiver);
  }

  #finish(one: Waiting, state: "sent" | "given_up", lastProblem: string | undefined): void {
    this.#deps.memory.delete(SPACE, one.delivery.message.id);
    this.#over.unshift({ ...this.#view(one), state, lastProblem, atMs: this.#deps.nowMs() });
    if (this.#over.length > SHOWN) this.#over.length = SHOWN;
  }

  #view({ delivery, attempts, lastProblem, sinceMs }: Waiting): DeliveryView {
    const { receiver, message } = delivery;
    const alert = titleOf(message);
    return { receiver, alert, state: "due", attempts, lastProblem, atMs: sinceMs };
  }

  beliefOf(receiver: string, groupKey: string): Belief | undefined {
    return this.#waiting
      .get(receiver)
      ?.findLast(({ delivery }) => delivery.message.groupKey === groupKey && delivery.belief)
      ?.delivery.belief;
  }

  isBusy(receiver: string, groupKey: string): boolean {
    const waiting = this.#waiting.get(receiver) ?? [];
    return waiting.some(({ delivery }) => delivery.message.groupKey === groupKey);
  }

  hasGroup(groupKey: string): boolean {
    return [...this.#waiting.keys()].some((receiver) => this.isBusy(receiver, groupKey));
  }

  list(): readonly DeliveryView[] {
    const due = [...this.#waiting.values()].flat().map((one) => this.#view(one));
    return [...due, ...this.#over].toSorted((one, other) => other.atMs - one.atMs);
  }

  tallyOf(receiver: string): ReceiverTally {
    let tally = this.#tallies.get(receiver);
    if (!tally) this.#tallies.set(receiver, (tally = createReceiverTally()));
    return tally;
  }

  waitingOf(receiver: string): number {
    return this.#waiting.get(receiver)?.length ?? 0;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const waiting of this.#waiting.values()) for (const { abort } of waiting) abort?.abort();
    await Promise.all(this.#underWay);
  }
}

/** In the future, but not so far that the clock must have been set back. */
function isAhead(atMs: number, nowMs: number): boolean {
  return atMs > nowMs && atMs <= nowMs + GIVE_UP_AFTER_MS;
}

/** One line for lists: what it is about, and how many. */
function titleOf({ kind, status, alerts, truncated }: Message): string {
  const [first] = alerts;
  const more = alerts.length + truncated - 1;
  const what = kind === "alerts" ? status : kind;
  return `${first?.alert ?? ""} (${what}${more > 0 ? `, and ${more} more` : ""})`;
}
