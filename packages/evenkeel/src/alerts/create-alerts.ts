/** Puts alerting together. */
import type { AlertSettings, ReceiverSettings, Severity } from "../snapshot/alert-settings.ts";
import { createAlertBook, type AlertBook, type AlertRecord } from "./alert-book.ts";
import type {
  AlertFacts,
  Alerts,
  AlertView,
  DeliveryView,
  Notice,
  SilenceView,
  TestOutcome,
} from "./contract.ts";
import { createDeliveryQueue, type Delivery, type DeliveryQueue } from "./delivery-queue.ts";
import type { AlertsDeps } from "./deps.ts";
import { createGroups, type Groups } from "./groups.ts";
import { chooseStandIn, insteadMessage, reportMessage, testMessage } from "./single-messages.ts";
import { labelsOf, type Labels } from "./labels.ts";
import { createMaintenance } from "./maintenance.ts";
import { createReported, type Reported } from "./reported.ts";
import { resolveReceivers, waysOf } from "./routing.ts";
import { createRuleRunner, type RuleRunner } from "./rule-runner.ts";
import { createSilences, type Silences } from "./silences.ts";
import { createTimedSend } from "./timed-send.ts";

/** How long what resolved is shown. */
const SHOWN_MS = 15 * 60_000;

/** How long receivers that can't be reached are owed the end of an alert. */
const OWED_MS = 24 * 3_600_000;

/** Alerting over one history; nothing happens until `apply`. */
export function createAlerts(deps: AlertsDeps): Alerts {
  return new Alerting(deps);
}

class Alerting implements Alerts {
  readonly #deps: AlertsDeps;
  readonly #book: AlertBook;
  readonly #queue: DeliveryQueue;
  readonly #groups: Groups;
  readonly #rules: RuleRunner;
  readonly #silences: Silences;
  readonly #reported: Reported;
  #settings: AlertSettings = { rules: [], receivers: [], routes: [], maintenance: [] };
  #receivers: ReadonlyMap<string, ReceiverSettings> = new Map();
  #maintenance = createMaintenance([]);
  #started = false;
  /** What other receivers were told of one that can't be reached, by receiver and group. */
  readonly #standIns = new Map<string, ReadonlySet<string>>();
  #saidDropped = 0;

  constructor(deps: AlertsDeps) {
    this.#deps = deps;
    const { memory, newId } = deps;
    this.#book = createAlertBook(memory);
    this.#silences = createSilences(memory, newId);
    this.#reported = createReported(memory);
    this.#queue = createDeliveryQueue(deps, {
      sent: (delivery, nowMs) => this.#sent(delivery, nowMs),
      givenUp: (delivery, problem, refused, nowMs) =>
        this.#givenUp(delivery, problem, refused, nowMs),
    });
    this.#groups = createGroups({
      memory,
      newId,
      book: this.#book,
      queue: this.#queue,
      receivers: () => this.#receivers,
      isMuted: (labels, nowMs) => this.#mutedBy(labels, nowMs) !== undefined,
    });
    this.#rules = createRuleRunner({
      ...deps,
      book: this.#book,
      began: (key, nowMs) => this.#began(key, nowMs),
      ended: (key) => this.#ended(key),
    });
  }

  apply(settings: AlertSettings): void {
    const nowMs = this.#deps.nowMs();
    this.#settings = settings;
    this.#receivers = new Map(settings.receivers.map((receiver) => [receiver.name, receiver]));
    this.#maintenance = createMaintenance(settings.maintenance);
    if (this.#started) {
      this.#queue.setReceivers(this.#receivers);
    } else {
      this.#started = true;
      this.#book.load();
      this.#silences.load();
      this.#reported.load();
      this.#groups.load();
      this.#queue.load(this.#receivers);
    }
    this.#rules.apply(settings.rules, nowMs);
    for (const record of this.#book.all()) if (record.firing) this.#place(record, nowMs);
  }

  tick(nowMs: number): void {
    this.#silences.prune(nowMs);
    this.#rules.tick(nowMs);
    this.#advance(nowMs);
    this.#forget(nowMs);
    const dropped = this.#dropped();
    if (dropped > this.#saidDropped) {
      const fields = { dropped: dropped - this.#saidDropped };
      this.#deps.log.error(fields, "there are too many alerts: some were not taken up");
      this.#saidDropped = dropped;
    }
  }

  #advance(nowMs: number): void {
    this.#groups.tick(nowMs);
    this.#queue.pump(nowMs);
  }

  fire(notice: Notice, receivers?: readonly string[]): void {
    const nowMs = this.#deps.nowMs();
    const isNew = this.#book.get(notice.key)?.firing !== true;
    const named = receivers && receivers.length > 0 ? receivers : undefined;
    const record = this.#book.begin(notice, { named, rule: undefined }, nowMs);
    if (!record) return;
    if (isNew) this.#began(notice.key, nowMs);
    else this.#place(record, nowMs);
    this.#advance(nowMs);
  }

  #began(key: string, nowMs: number): void {
    const record = this.#book.get(key);
    if (!record) return;
    const { alert, severity, summary } = record.notice;
    this.#deps.log.warn({ alert, severity, key }, `alert fires: ${summary}`);
    this.#place(record, nowMs);
  }

  #place(record: AlertRecord, nowMs: number): void {
    const { named, notice } = record;
    if (named && resolveReceivers(named, this.#settings.receivers).length === 0) {
      const fields = { key: notice.key, named };
      this.#deps.log.warn(fields, "none of its receivers exists: the alert is routed as any other");
    }
    this.#groups.place(record, waysOf(labelsOf(notice), named, this.#settings), nowMs);
  }

  #ended(key: string): void {
    const record = this.#book.get(key);
    if (!record) return;
    const { alert, severity, summary } = record.notice;
    this.#deps.log.info({ alert, severity, key }, `alert resolved: ${summary}`);
  }

  resolve(key: string, summary?: string): void {
    const nowMs = this.#deps.nowMs();
    if (!this.#book.end(key, summary, nowMs)) return;
    this.#ended(key);
    this.#advance(nowMs);
  }

  report(notice: Notice, receivers: readonly string[]): void {
    const nowMs = this.#deps.nowMs();
    if (this.#mutedBy(labelsOf(notice), nowMs) !== undefined) return;
    for (const receiver of resolveReceivers(receivers, this.#settings.receivers)) {
      if (this.#reported.has(receiver, notice.key)) continue;
      const message = reportMessage(notice, this.#deps.newId(), nowMs);
      const isKept = this.#queue.push({ receiver, message, belief: undefined, instead: false });
      if (isKept) this.#reported.add(receiver, notice.key);
    }
    this.#queue.pump(nowMs);
  }

  #sent({ receiver, message, belief, instead, attempts }: Delivery, nowMs: number): void {
    this.#groups.concluded({ receiver, message, belief, instead, attempts }, nowMs);
    this.#standIns.delete(laneOf(receiver, message.groupKey));
    const { id, status, kind } = message;
    const fields = { receiver, delivery: id, kind, status };
    this.#deps.log.info(fields, `${receiver} was told: ${message.alerts[0]?.summary ?? ""}`);
  }

  #givenUp(delivery: Delivery, problem: string, refused: boolean, nowMs: number): void {
    const { receiver, message, instead } = delivery;
    // What is refused now would be refused again at once: it waits for the next repeat.
    if (refused) this.#groups.concluded(delivery, nowMs);
    const fields = { receiver, delivery: message.id, problem };
    this.#deps.log.error(fields, `${receiver} could not be told, and it is given up: ${problem}`);
    if (instead || message.status === "resolved" || message.kind === "acknowledged") return;
    this.#tellAnother(receiver, message, problem, nowMs);
  }

  /** Once for each alert, until the receiver can be reached again. */
  #tellAnother(
    receiver: string,
    message: Delivery["message"],
    problem: string,
    nowMs: number,
  ): void {
    const lane = laneOf(receiver, message.groupKey);
    const known = this.#standIns.get(lane) ?? new Set();
    const keys = message.alerts.map(({ key }) => key);
    if (keys.every((key) => known.has(key))) return;
    const isFailing = (name: string): boolean => this.#queue.tallyOf(name).failing;
    const told = insteadMessage(message, receiver, problem, this.#deps.newId(), nowMs);
    const pages = told.alerts[0]?.severity === "P0";
    const standIn = chooseStandIn(this.#settings.receivers, receiver, pages, isFailing);
    if (standIn === undefined) return;
    const delivery = { receiver: standIn, message: told, belief: undefined, instead: true };
    const isKept = this.#queue.push(delivery);
    if (isKept) this.#standIns.set(lane, new Set([...known, ...keys]));
    if (this.#standIns.size > MAX_LANES) this.#standIns.delete(this.#standIns.keys().next().value!);
  }

  /** What resolved is shown for a while, and kept while somebody must still hear of it. */
  #forget(nowMs: number): void {
    for (const { firing, sinceMs, notice } of this.#book.all()) {
      const ageMs = nowMs - sinceMs;
      if (firing || ageMs < SHOWN_MS) continue;
      if (ageMs >= OWED_MS || !this.#groups.holds(notice.key)) this.#book.forget(notice.key);
    }
  }

  #mutedBy(labels: Labels, nowMs: number): string | undefined {
    const silence = this.#silences.idOf(labels, nowMs);
    if (silence !== undefined) return `silence ${silence}`;
    const window = this.#maintenance.nameOf(labels, nowMs);
    return window === undefined ? undefined : `maintenance ${window}`;
  }

  list(): readonly AlertView[] {
    const nowMs = this.#deps.nowMs();
    const known = this.#book.all().map((record) => ({
      ...record.notice,
      state: record.firing ? ("firing" as const) : ("resolved" as const),
      sinceMs: record.sinceMs,
      acknowledgedBy: record.acknowledgedBy,
      named: record.named,
    }));
    const pending = this.#rules.pending().map((view) => ({ ...view, named: undefined }));
    return [...known, ...pending].toSorted(compare).map(({ named, ...view }) => {
      const labels = labelsOf(view);
      const ways = waysOf(labels, named, this.#settings);
      const receivers = ways.flatMap((way) => way.receivers);
      return { ...view, silencedBy: this.#mutedBy(labels, nowMs), receivers };
    });
  }

  acknowledge(key: string, who: string): boolean {
    const record = this.#book.acknowledge(key, who);
    if (!record) return false;
    const nowMs = this.#deps.nowMs();
    this.#deps.log.info({ key, who }, "an alert was acknowledged");
    this.#groups.acknowledged(record, nowMs);
    this.#queue.pump(nowMs);
    return true;
  }

  silence(silence: Omit<SilenceView, "id">): string | undefined {
    return this.#silences.add(silence);
  }

  unsilence(id: string): boolean {
    return this.#silences.end(id);
  }

  silences(): readonly SilenceView[] {
    return this.#silences.list();
  }

  deliveries(): readonly DeliveryView[] {
    return this.#queue.list();
  }

  test(name: string): Promise<TestOutcome> | undefined {
    const receiver = this.#receivers.get(name);
    if (!receiver) return undefined;
    const { send, timers, newId, nowMs } = this.#deps;
    const message = testMessage(name, newId(), nowMs());
    return createTimedSend(send, timers)(receiver, message, new AbortController()).then(
      ({ kind, text }) => ({ ok: kind === "sent", text }),
    );
  }

  facts(): AlertFacts {
    const firing: Record<Severity, number> = { P0: 0, P1: 0, P2: 0 };
    const nowMs = this.#deps.nowMs();
    let silenced = 0;
    let acknowledged = 0;
    for (const record of this.#book.all()) {
      if (!record.firing) continue;
      firing[record.notice.severity]++;
      if (record.acknowledgedBy !== undefined) acknowledged++;
      if (this.#mutedBy(labelsOf(record.notice), nowMs) !== undefined) silenced++;
    }
    return {
      firing,
      pending: this.#rules.pending().length,
      silenced,
      acknowledged,
      groups: this.#groups.size,
      silences: this.#silences.list().length,
      dropped: this.#dropped(),
      receivers: this.#settings.receivers.map(({ name, kind }) => {
        const { sent, retried, givenUp } = this.#queue.tallyOf(name);
        return { name, kind, waiting: this.#queue.waitingOf(name), sent, retried, givenUp };
      }),
    };
  }

  #dropped(): number {
    return this.#book.dropped + this.#rules.dropped;
  }

  close(): Promise<void> {
    return this.#queue.close();
  }
}

/** Lanes remembered for stand-ins. */
const MAX_LANES = 1000;

const laneOf = (receiver: string, groupKey: string): string => `${receiver} ${groupKey}`;

const states = ["firing", "pending", "resolved"];

function compare(
  one: Pick<AlertView, "state" | "severity" | "sinceMs" | "key">,
  other: Pick<AlertView, "state" | "severity" | "sinceMs" | "key">,
): number {
  return (
    states.indexOf(one.state) - states.indexOf(other.state) ||
    one.severity.localeCompare(other.severity) ||
    one.sinceMs - other.sinceMs ||
    one.key.localeCompare(other.key)
  );
}
