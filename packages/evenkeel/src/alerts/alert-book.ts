/** The alerts there are: firing, and those that ended not long ago. Kept over restarts. */
import type { Memory } from "../history/contract.ts";
import type { SignalSubject } from "../signals/contract.ts";
import type { Severity } from "../snapshot/alert-settings.ts";
import type { Notice } from "./contract.ts";

const SPACE = "alerts";

/** Alerts at once; those that matter less leave room for those that matter more. */
export const MAX_ALERTS: Readonly<Record<Severity, number>> = { P0: 2000, P1: 1500, P2: 1000 };

/** Texts are cut so that no notice can fill the disk. */
const MAX_SUMMARY = 1000;
const MAX_DETAILS = 8000;

/** One alert, plain data. */
export interface AlertRecord {
  readonly notice: Notice;
  readonly firing: boolean;
  readonly sinceMs: number;
  readonly acknowledgedBy: string | undefined;
  /** Receivers it names itself. */
  readonly named: readonly string[] | undefined;
  /** Undefined for notices of others. */
  readonly rule: { readonly name: string; readonly subject: SignalSubject } | undefined;
}

export interface AlertBook {
  load(): void;
  /** Begins a life, or changes what a firing one says; undefined where there are too many. */
  begin(
    notice: Notice,
    from: Pick<AlertRecord, "named" | "rule">,
    nowMs: number,
  ): AlertRecord | undefined;
  /** Undefined where none of this key fires. */
  end(key: string, summary: string | undefined, nowMs: number): AlertRecord | undefined;
  acknowledge(key: string, who: string): AlertRecord | undefined;
  get(key: string): AlertRecord | undefined;
  /** As they are now. */
  all(): readonly AlertRecord[];
  forget(key: string): void;
  readonly dropped: number;
}

/** An empty book over a memory. */
export function createAlertBook(memory: Memory): AlertBook {
  const records = new Map<string, AlertRecord>();
  let dropped = 0;
  const put = (record: AlertRecord, isNew: boolean): AlertRecord => {
    records.set(record.notice.key, record);
    if (isNew) memory.set(SPACE, record.notice.key, record);
    return record;
  };
  const forget = (key: string): void => {
    if (records.delete(key)) memory.delete(SPACE, key);
  };
  return {
    load() {
      for (const [key, value] of memory.all(SPACE)) records.set(key, value as AlertRecord);
    },
    begin(given, { named, rule }, nowMs) {
      const notice = cut(given);
      const before = records.get(notice.key);
      if (before?.firing) {
        const startedAtMs = before.notice.startedAtMs;
        const after = { ...before, notice: { ...notice, startedAtMs }, named, rule };
        // What a rule says changes with every look; that is not worth a write each.
        return put(after, rule === undefined && !sameWords(before.notice, notice));
      }
      if (!before && records.size >= MAX_ALERTS[notice.severity]) makeRoom(records, forget);
      if (!before && records.size >= MAX_ALERTS[notice.severity]) {
        dropped++;
        return undefined;
      }
      const life = { firing: true, sinceMs: nowMs, acknowledgedBy: undefined, named, rule };
      return put({ notice, ...life }, true);
    },
    end(key, summary, nowMs) {
      const record = records.get(key);
      if (!record?.firing) return undefined;
      const notice = cut({ ...record.notice, ...(summary !== undefined && { summary }) });
      return put({ ...record, notice, firing: false, sinceMs: nowMs }, true);
    },
    acknowledge(key, who) {
      const record = records.get(key);
      return record?.firing ? put({ ...record, acknowledgedBy: who }, true) : undefined;
    },
    get: (key) => records.get(key),
    all: () => [...records.values()],
    forget,
    get dropped() {
      return dropped;
    },
  };
}

function cut(notice: Notice): Notice {
  const { summary, details } = notice;
  if (summary.length <= MAX_SUMMARY && details.length <= MAX_DETAILS) return notice;
  return {
    ...notice,
    summary: summary.slice(0, MAX_SUMMARY),
    details: details.slice(0, MAX_DETAILS),
  };
}

function sameWords(one: Notice, other: Notice): boolean {
  return one.summary === other.summary && one.details === other.details;
}

/** Those that ended are worth least. */
function makeRoom(records: ReadonlyMap<string, AlertRecord>, forget: (key: string) => void): void {
  for (const { firing, notice } of records.values()) if (!firing) forget(notice.key);
}
