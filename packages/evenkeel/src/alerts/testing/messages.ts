/** Messages for tests of senders. */
import type { Message, ToldAlert } from "../message.ts";
import { BEGIN, notice } from "./alert-world.ts";

/** One alert as it is told; it fires unless it is said to have ended. */
export function told(key: string, more: Partial<ToldAlert> = {}): ToldAlert {
  const life = { status: "firing", endedAtMs: undefined, acknowledgedBy: undefined } as const;
  return { ...notice(key), ...life, ...more };
}

/** A message of a group; status as its alerts say. */
export function message(alerts: readonly ToldAlert[], more: Partial<Message> = {}): Message {
  return {
    id: "id-1",
    kind: "alerts",
    status: alerts.some(({ status }) => status === "firing") ? "firing" : "resolved",
    groupKey: '{severity="P0"}:{}',
    groupLabels: {},
    alerts,
    truncated: 0,
    thread: "thread-1",
    first: true,
    atMs: BEGIN,
    goodUntilMs: BEGIN + 240_000,
    ...more,
  };
}
