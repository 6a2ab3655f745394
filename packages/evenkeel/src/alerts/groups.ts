/** Groups of alerts: who is told what, and when. Kept over restarts. */
import type { Memory } from "../history/contract.ts";
import type { ReceiverSettings } from "../snapshot/alert-settings.ts";
import type { AlertBook, AlertRecord } from "./alert-book.ts";
import type { Delivery, DeliveryQueue } from "./delivery-queue.ts";
import { judge, nextTick, type Belief, type Member } from "./grouping.ts";
import { labelsOf, type Labels } from "./labels.ts";
import { groupMessage, type MessageKind } from "./group-message.ts";
import { groupKeyOf, groupLabelsOf, type Way } from "./routing.ts";

const SPACE = "alert_groups";

/** Groups at once; alerts beyond that are told together with all others of their route. */
export const MAX_GROUPS = 1000;

/** Plain data. */
interface Group {
  readonly key: string;
  readonly labels: Labels;
  readonly thread: string;
  way: Way;
  nextMs: number;
  /** Keys of alerts. */
  members: readonly string[];
  /** Of them, those that are routed elsewhere now: over, as far as this group is concerned. */
  left: readonly string[];
  /** By receiver: what it takes for firing. */
  told: Readonly<Record<string, Belief>>;
}

export interface GroupsDeps {
  readonly memory: Memory;
  readonly book: AlertBook;
  readonly queue: DeliveryQueue;
  readonly receivers: () => ReadonlyMap<string, ReceiverSettings>;
  /** Silenced, or in a maintenance window. */
  readonly isMuted: (labels: Labels, nowMs: number) => boolean;
  readonly newId: () => string;
}

export interface Groups {
  load(): void;
  /** Puts a firing alert into the groups of these ways, and takes it out of all others. */
  place(record: AlertRecord, ways: readonly Way[], nowMs: number): void;
  /** Hands what is due to the queue. */
  tick(nowMs: number): void;
  /** Tells those who want to know that somebody has seen it. */
  acknowledged(record: AlertRecord, nowMs: number): void;
  /** A message arrived, or will never be accepted. */
  concluded(delivery: Delivery, nowMs: number): void;
  /** Whether any group still has something to tell of it. */
  holds(key: string): boolean;
  readonly size: number;
}

/** No groups yet. */
export function createGroups(deps: GroupsDeps): Groups {
  return new GroupBook(deps);
}

/** Those that keep a picture of their own: an alert that goes elsewhere must be ended there. */
function keepsPicture(receiver: ReceiverSettings): boolean {
  return receiver.kind === "pagerduty" || receiver.kind === "alertmanager";
}

class GroupBook implements Groups {
  readonly #deps: GroupsDeps;
  readonly #groups = new Map<string, Group>();

  constructor(deps: GroupsDeps) {
    this.#deps = deps;
  }

  get size(): number {
    return this.#groups.size;
  }

  load(): void {
    for (const [key, value] of this.#deps.memory.all(SPACE)) this.#groups.set(key, value as Group);
  }

  place(record: AlertRecord, ways: readonly Way[], nowMs: number): void {
    const { key } = record.notice;
    const labels = labelsOf(record.notice);
    const into = new Set(ways.map((way) => this.#join(way, labels, key, nowMs)));
    for (const group of this.#groups.values()) {
      if (into.has(group) || !group.members.includes(key) || group.left.includes(key)) continue;
      group.left = [...group.left, key];
      group.told = this.#forgetQuietly(group, key);
      group.nextMs = nowMs;
      this.#keep(group);
    }
  }

  #join(way: Way, labels: Labels, key: string, nowMs: number): Group {
    const groupKey = groupKeyOf(way, labels, key);
    const isFull = this.#groups.size >= MAX_GROUPS && !this.#groups.has(groupKey);
    const kept = isFull ? `${way.key}:overflow` : groupKey;
    let group = this.#groups.get(kept);
    if (!group) {
      group = {
        key: kept,
        labels: isFull ? {} : groupLabelsOf(way, labels),
        thread: this.#deps.newId(),
        way,
        nextMs: nowMs + way.groupWaitMs,
        members: [],
        left: [],
        told: {},
      };
      this.#groups.set(kept, group);
    }
    const isNew = !group.members.includes(key) || group.left.includes(key);
    const isChanged = isNew || JSON.stringify(group.way) !== JSON.stringify(way);
    group.way = way;
    if (isNew) {
      group.members = [...group.members.filter((member) => member !== key), key];
      group.left = group.left.filter((member) => member !== key);
    }
    if (isChanged) this.#keep(group);
    return group;
  }

  #forgetQuietly(group: Group, key: string): Group["told"] {
    const told: Record<string, Belief> = {};
    for (const [name, belief] of Object.entries(group.told)) {
      const receiver = this.#deps.receivers().get(name);
      const firing = belief.firing.filter((member) => member !== key);
      told[name] = receiver && keepsPicture(receiver) ? belief : { ...belief, firing };
    }
    return told;
  }

  tick(nowMs: number): void {
    for (const group of this.#groups.values()) {
      const { groupIntervalMs, groupWaitMs } = group.way;
      // Far ahead only where the clock was set back.
      const isFar = group.nextMs > nowMs + Math.max(groupIntervalMs, groupWaitMs);
      if (group.nextMs > nowMs && !isFar) continue;
      this.#tell(group, nowMs);
      group.nextMs = nextTick(group.nextMs, nowMs, groupIntervalMs);
    }
  }

  #tell(group: Group, nowMs: number): void {
    const before = JSON.stringify([group.members, group.left, group.told]);
    const members = this.#membersOf(group, nowMs);
    for (const name of new Set([...group.way.receivers, ...Object.keys(group.told)])) {
      const receiver = this.#deps.receivers().get(name);
      if (receiver) this.#tellOne(group, receiver, members, nowMs);
      else group.told = without(group.told, name);
    }
    this.#sweep(group);
    if (this.#endIfDone(group)) return;
    if (JSON.stringify([group.members, group.left, group.told]) !== before) this.#keep(group);
  }

  /** A group with nothing left to tell is no more: what comes next is the first of a new one. */
  #endIfDone(group: Group): boolean {
    if (group.members.length > 0 || this.#deps.queue.hasGroup(group.key)) return false;
    this.#groups.delete(group.key);
    this.#deps.memory.delete(SPACE, group.key);
    return true;
  }

  #tellOne(
    group: Group,
    receiver: ReceiverSettings,
    members: readonly Member[],
    nowMs: number,
  ): void {
    const { queue } = this.#deps;
    const { name } = receiver;
    const isMeant = group.way.receivers.includes(name);
    const seen = isMeant ? members : members.map((member) => ({ ...member, firing: false }));
    const onItsWay = queue.beliefOf(name, group.key);
    const before = onItsWay ?? group.told[name];
    const wishes = {
      sendResolved: receiver.sendResolved && (isMeant || keepsPicture(receiver)),
      repeatMs: group.way.repeatMs,
      repeatAcknowledged: receiver.kind === "alertmanager",
      busy: queue.isBusy(name, group.key),
    };
    const { tell, belief } = judge(seen, before, wishes, nowMs);
    if (tell) {
      this.#push(group, receiver, { kind: "alerts", ...tell }, belief, nowMs);
    } else if (group.told[name] && !onItsWay) {
      group.told = isMeant ? { ...group.told, [name]: belief } : without(group.told, name);
    }
  }

  #push(
    group: Group,
    receiver: ReceiverSettings,
    what: { kind: MessageKind; firing: readonly string[]; resolved: readonly string[] },
    belief: Belief | undefined,
    nowMs: number,
  ): void {
    const { book, queue, newId } = this.#deps;
    const { name } = receiver;
    const message = groupMessage({
      ...what,
      id: newId(),
      group,
      first: !group.told[name] && !queue.isBusy(name, group.key),
      complete: receiver.kind === "alertmanager",
      get: (key) => book.get(key),
      nowMs,
    });
    if (message) queue.push({ receiver: name, message, belief, instead: false });
  }

  #membersOf(group: Group, nowMs: number): Member[] {
    return group.members.flatMap((key) => {
      const record = this.#deps.book.get(key);
      if (!record) return [];
      const muted = this.#deps.isMuted(labelsOf(record.notice), nowMs);
      const firing = record.firing && !group.left.includes(key);
      return [{ key, firing, muted, acknowledged: record.acknowledgedBy !== undefined }];
    });
  }

  /** Members that are over stay until every receiver knows. */
  #sweep(group: Group): void {
    const { book, queue } = this.#deps;
    const names = new Set([...group.way.receivers, ...Object.keys(group.told)]);
    const believed = new Set(
      [...names].flatMap((name) => [
        ...(group.told[name]?.firing ?? []),
        ...(queue.beliefOf(name, group.key)?.firing ?? []),
      ]),
    );
    const isWanted = (key: string): boolean => {
      const record = book.get(key);
      if (!record) return false;
      return believed.has(key) || (record.firing && !group.left.includes(key));
    };
    group.members = group.members.filter(isWanted);
    group.left = group.left.filter((key) => group.members.includes(key));
  }

  acknowledged(record: AlertRecord, nowMs: number): void {
    for (const group of this.#groups.values()) {
      if (!group.members.includes(record.notice.key)) continue;
      const firing = this.#membersOf(group, nowMs).filter((member) => member.firing);
      if (!firing.every((member) => member.acknowledged)) continue;
      for (const name of group.way.receivers) {
        const receiver = this.#deps.receivers().get(name);
        const belief = this.#deps.queue.beliefOf(name, group.key) ?? group.told[name];
        if (receiver?.kind !== "pagerduty" || !belief || belief.firing.length === 0) continue;
        const keys = firing.map(({ key }) => key);
        const what = { kind: "acknowledged", firing: keys, resolved: [] } as const;
        this.#push(group, receiver, what, undefined, nowMs);
      }
    }
  }

  concluded({ receiver, message, belief }: Delivery, nowMs: number): void {
    const group = this.#groups.get(message.groupKey);
    if (!group || !belief) return;
    // Repeats count from when it was told, not from when it was to be told.
    group.told = { ...group.told, [receiver]: { ...belief, atMs: nowMs } };
    this.#sweep(group);
    if (!this.#endIfDone(group)) this.#keep(group);
  }

  holds(key: string): boolean {
    for (const { members } of this.#groups.values()) if (members.includes(key)) return true;
    return false;
  }

  #keep(group: Group): void {
    this.#deps.memory.set(SPACE, group.key, group);
  }
}

function without(told: Group["told"], name: string): Group["told"] {
  return Object.fromEntries(Object.entries(told).filter(([other]) => other !== name));
}
