/** Reports of drills, kept over restarts; the oldest give way. */
import type { Memory } from "../history/contract.ts";
import type { DrillReport, DrillRunView } from "./contract.ts";

const SPACE = "drill_reports";
const UNDER_WAY = "drill_under_way";
const MAX_REPORTS = 100;

/** What is remembered of a drill under way. */
type Begun = Pick<DrillReport, "id" | "drill" | "startedAtMs">;

export interface Reports {
  /** Remembers that it is under way, until `keep` has its report. */
  begin(run: Begun): void;
  /** The drill that an end of Evenkeel cut off; undefined: none was. */
  cutOff(): Begun | undefined;
  keep(report: DrillReport): void;
  get(id: string): DrillReport | undefined;
  /** An id that no report has: the drill and the second, numbered where that was taken. */
  newId(drill: string, atMs: number): string;
  newest(): DrillReport | undefined;
  /** Newest first. */
  list(): readonly DrillRunView[];
}

/** The reports in this memory. */
export function createReports(memory: Memory): Reports {
  // What the memory has was put there by `keep`.
  let all = memory
    .all(SPACE)
    .map(([, report]) => report as DrillReport)
    .toSorted((one, other) => other.startedAtMs - one.startedAtMs);
  return {
    begin: ({ id, drill, startedAtMs }) => memory.set(UNDER_WAY, id, { id, drill, startedAtMs }),
    cutOff: () => memory.all(UNDER_WAY).map(([, run]) => run as Begun)[0],
    keep(report) {
      memory.delete(UNDER_WAY, report.id);
      all = [report, ...all.filter(({ id }) => id !== report.id)];
      for (const { id } of all.slice(MAX_REPORTS)) memory.delete(SPACE, id);
      all = all.slice(0, MAX_REPORTS);
      memory.set(SPACE, report.id, report);
    },
    get: (id) => all.find((report) => report.id === id),
    newId(drill, atMs) {
      const first = `${drill}-${new Date(atMs).toISOString().replaceAll(/[-:]|\.\d+/g, "")}`;
      let id = first;
      for (let number = 2; all.some((report) => report.id === id); number++) {
        id = `${first}-${number}`;
      }
      return id;
    },
    newest: () => all[0],
    list: () =>
      all.map(({ id, drill, startedAtMs, endedAtMs, verdict, reasons }) => ({
        id,
        drill,
        startedAtMs,
        endedAtMs,
        verdict,
        text: reasons.join("; "),
      })),
  };
}
