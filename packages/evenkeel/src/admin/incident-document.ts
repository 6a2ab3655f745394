/** Incidents as the admin address tells them: times in ISO 8601, null for what never was. */
import type { Incident, RecoveryTimes, Spread, TimelineEntry } from "../history/contract.ts";

export interface IncidentDocument {
  readonly id: number;
  readonly title: string;
  readonly object: string;
  readonly state: Incident["state"];
  readonly handling: Incident["handling"];
  readonly plan: string | null;
  readonly drill: string | null;
  /** The first bad sample. */
  readonly fault_at: string;
  readonly detected_at: string;
  readonly action_at: string | null;
  readonly mitigated_at: string | null;
  readonly resolved_at: string | null;
  readonly acknowledged_by: string | null;
}

export interface IncidentWithTimeline extends IncidentDocument {
  readonly timeline: readonly {
    readonly at: string;
    readonly kind: TimelineEntry["kind"];
    readonly text: string;
  }[];
}

/** Seconds from the first bad sample. */
export interface TimesDocument {
  /** Empty where no plan acted. */
  readonly plan: string;
  readonly handling: Incident["handling"];
  readonly drill: boolean;
  readonly detect_s: SpreadDocument;
  readonly mitigate_s: SpreadDocument;
  readonly resolve_s: SpreadDocument;
}

export interface SpreadDocument {
  readonly n: number;
  readonly mean: number | null;
  readonly median: number | null;
  readonly p90: number | null;
}

/** One incident without its timeline. */
export function incidentDocument(incident: Incident): IncidentDocument {
  const { id, title, object, state, handling } = incident;
  const { plan = null, drill = null, acknowledgedBy: acknowledged_by = null } = incident;
  return {
    id,
    title,
    object,
    state,
    handling,
    plan,
    drill,
    fault_at: new Date(incident.faultAtMs).toISOString(),
    detected_at: new Date(incident.detectedAtMs).toISOString(),
    action_at: iso(incident.actionAtMs),
    mitigated_at: iso(incident.mitigatedAtMs),
    resolved_at: iso(incident.resolvedAtMs),
    acknowledged_by,
  };
}

/** One incident in full. */
export function incidentWithTimeline(
  incident: Incident,
  timeline: readonly TimelineEntry[],
): IncidentWithTimeline {
  const entries = timeline.map(({ atMs, kind, text }) => ({
    at: new Date(atMs).toISOString(),
    kind,
    text,
  }));
  return { ...incidentDocument(incident), timeline: entries };
}

/** One row of the table of times. */
export function timesDocument(times: RecoveryTimes): TimesDocument {
  const { plan, handling, drill, detect, mitigate, resolve } = times;
  return {
    plan,
    handling,
    drill,
    detect_s: spreadDocument(detect),
    mitigate_s: spreadDocument(mitigate),
    resolve_s: spreadDocument(resolve),
  };
}

function spreadDocument({ n, mean, median, p90 }: Spread): SpreadDocument {
  return { n, mean: mean ?? null, median: median ?? null, p90: p90 ?? null };
}

function iso(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}
