/** Which drills are due: cron times by the wall clock, whatever it does. */
import type { DrillSettings } from "../snapshot/drill-settings.ts";
import { nextDue } from "./schedule.ts";

/** Later than this a drill is not begun: whoever chose its hour did not choose this one. */
export const MOST_LATE_MS = 60_000;

/** A drill whose time has come. */
export interface DueDrill {
  readonly name: string;
  /** The machine slept, or its clock leapt. */
  readonly isTooLate: boolean;
}

export interface Timetable {
  /** What is due stays due where a drill keeps its schedule. */
  apply(drills: readonly DrillSettings[], nowMs: number): void;
  /** Each once; the next time of each is after `nowMs`. */
  take(nowMs: number): readonly DueDrill[];
  /** Undefined for a drill that runs only when asked. */
  nextDueMs(name: string): number | undefined;
}

interface Entry {
  readonly schedule: NonNullable<DrillSettings["schedule"]>;
  readonly dueMs: number;
}

/** Without drills to begin with. */
export function createTimetable(): Timetable {
  let entries = new Map<string, Entry>();
  return {
    apply(drills, nowMs) {
      const before = entries;
      entries = new Map();
      for (const { name, schedule } of drills) {
        if (schedule === undefined) continue;
        const known = before.get(name);
        const stays =
          known?.schedule.cron === schedule.cron && known.schedule.timezone === schedule.timezone;
        const entry = stays ? known : entryAfter(schedule, nowMs);
        if (entry) entries.set(name, entry);
      }
    },
    take(nowMs) {
      const due: DueDrill[] = [];
      for (const [name, { schedule, dueMs }] of entries) {
        if (dueMs > nowMs) continue;
        due.push({ name, isTooLate: nowMs - dueMs > MOST_LATE_MS });
        const next = entryAfter(schedule, nowMs);
        if (next) entries.set(name, next);
        else entries.delete(name);
      }
      return due;
    },
    nextDueMs: (name) => entries.get(name)?.dueMs,
  };
}

function entryAfter(schedule: Entry["schedule"], afterMs: number): Entry | undefined {
  const dueMs = nextDue(schedule, afterMs);
  return dueMs === undefined ? undefined : { schedule, dueMs };
}
