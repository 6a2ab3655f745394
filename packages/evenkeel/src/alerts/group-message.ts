/** What a group has to say, as a message. */
import type { AlertRecord } from "./alert-book.ts";
import type { Labels } from "./labels.ts";
import type { Message, ToldAlert } from "./message.ts";

/** Alerts that one message speaks of. */
export const MAX_TOLD = 50;

export type MessageKind = Extract<Message["kind"], "alerts" | "acknowledged">;

export interface GroupMessageParts {
  readonly id: string;
  readonly kind: MessageKind;
  readonly group: {
    readonly key: string;
    readonly labels: Labels;
    readonly thread: string;
    readonly way: { readonly repeatMs: number };
  };
  readonly firing: readonly string[];
  readonly resolved: readonly string[];
  readonly first: boolean;
  /** Leaves nothing out, however many there are. */
  readonly complete: boolean;
  readonly get: (key: string) => AlertRecord | undefined;
  readonly nowMs: number;
}

/** Undefined where none of the alerts is known any more. */
export function groupMessage(parts: GroupMessageParts): Message | undefined {
  const { id, kind, group, first, nowMs } = parts;
  const told = (keys: readonly string[], status: ToldAlert["status"]): ToldAlert[] =>
    keys.flatMap((key) => {
      const record = parts.get(key);
      return record ? [tellAlert(record, status, nowMs)] : [];
    });
  const alerts = [...told(parts.firing, "firing"), ...told(parts.resolved, "resolved")];
  if (alerts.length === 0) return undefined;
  const most = parts.complete ? alerts.length : MAX_TOLD;
  return {
    id,
    kind,
    status: alerts.some(({ status }) => status === "firing") ? "firing" : "resolved",
    groupKey: group.key,
    groupLabels: group.labels,
    alerts: alerts.slice(0, most),
    truncated: Math.max(0, alerts.length - most),
    thread: group.thread,
    first,
    atMs: nowMs,
    goodUntilMs: nowMs + 4 * group.way.repeatMs,
  };
}

function tellAlert(record: AlertRecord, status: ToldAlert["status"], nowMs: number): ToldAlert {
  const { notice, firing, sinceMs, acknowledgedBy } = record;
  // One that fires still has only gone elsewhere.
  const endedAtMs = status === "firing" ? undefined : firing ? nowMs : sinceMs;
  return { ...notice, status, endedAtMs, acknowledgedBy };
}
