/** Drills as the admin address tells them: times in ISO 8601, null for what never was. */
import type { DrillReport, DrillRunView, Drills } from "../drills/contract.ts";

export interface DrillDocument {
  readonly name: string;
  readonly schedule: string | null;
  readonly timezone: string | null;
  readonly next_due: string | null;
  /** The last run; null where there was none. */
  readonly last: DrillRunDocument | null;
}

export interface DrillRunDocument {
  readonly id: string;
  readonly drill: string;
  readonly started_at: string;
  readonly ended_at: string | null;
  /** Null while it is under way. */
  readonly verdict: DrillReport["verdict"] | null;
  readonly text: string;
}

/** One run in full; while it is under way with what is known so far. */
export interface DrillReportDocument extends DrillRunDocument {
  readonly reasons: readonly string[];
  readonly detected_ms: number | null;
  readonly recovered_ms: number | null;
  readonly requests: number;
  readonly failed: number;
  readonly plan: string | null;
  readonly incident: number | null;
  readonly timeline: readonly { readonly at: string; readonly text: string }[];
  readonly samples: readonly {
    readonly at: string;
    readonly requests: number;
    readonly failed: number;
    readonly p50_ms: number | null;
    readonly p99_ms: number | null;
    readonly available: number;
  }[];
}

/** All drills in configuration order, each with its last run. */
export function drillDocuments(drills: Drills): readonly DrillDocument[] {
  const runs = drills.runs();
  return drills.list().map(({ settings, nextDueMs }) => {
    const last = runs.find(({ drill }) => drill === settings.name);
    return {
      name: settings.name,
      schedule: settings.schedule?.cron ?? null,
      timezone: settings.schedule?.timezone ?? null,
      next_due: nextDueMs === undefined ? null : iso(nextDueMs),
      last: last ? runDocument(last) : null,
    };
  });
}

/** One line of a list of runs. */
export function runDocument(run: DrillRunView): DrillRunDocument {
  return {
    id: run.id,
    drill: run.drill,
    started_at: iso(run.startedAtMs),
    ended_at: run.endedAtMs === undefined ? null : iso(run.endedAtMs),
    verdict: run.verdict ?? null,
    text: run.text,
  };
}

/** One run, ended or under way; undefined where there is none of that name. */
export function reportDocument(drills: Drills, id: string): DrillReportDocument | undefined {
  const report = drills.report(id);
  if (report) return ended(report);
  const progress = drills.progress();
  if (progress?.run.id !== id) return undefined;
  const nothing = { reasons: [], detected_ms: null, recovered_ms: null, requests: 0, failed: 0 };
  return {
    ...runDocument(progress.run),
    ...nothing,
    plan: null,
    incident: null,
    timeline: progress.timeline.map(({ atMs, text }) => ({ at: iso(atMs), text })),
    samples: [],
  };
}

function ended(report: DrillReport): DrillReportDocument {
  return {
    ...runDocument({ ...report, text: report.reasons.join("; ") }),
    reasons: report.reasons,
    detected_ms: rounded(report.detectedMs),
    recovered_ms: rounded(report.recoveredMs),
    requests: report.requests,
    failed: report.failed,
    plan: report.plan ?? null,
    incident: report.incident ?? null,
    timeline: report.timeline.map(({ atMs, text }) => ({ at: iso(atMs), text })),
    samples: report.samples.map(({ atMs, requests, failed, p50Ms, p99Ms, available }) => ({
      at: iso(atMs),
      requests,
      failed,
      p50_ms: p50Ms ?? null,
      p99_ms: p99Ms ?? null,
      available,
    })),
  };
}

const iso = (ms: number): string => new Date(ms).toISOString();
const rounded = (ms: number | undefined): number | null =>
  ms === undefined ? null : Math.round(ms);
