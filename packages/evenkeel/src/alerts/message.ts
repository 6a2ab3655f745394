/** What is told to a receiver: plain data without secrets, so that it can be kept until delivered. */
import type { Notice } from "./contract.ts";

/** One alert within a message. */
export interface ToldAlert extends Notice {
  readonly status: "firing" | "resolved";
  /** Undefined while it fires. */
  readonly endedAtMs: number | undefined;
  readonly acknowledgedBy: string | undefined;
}

export interface Message {
  /** The same at each try: receivers that know it drop what they have. */
  readonly id: string;
  /** `alerts`: how a group stands. `acknowledged`: somebody has seen all of it. `report` and `test`
   * stand for themselves. */
  readonly kind: "alerts" | "acknowledged" | "report" | "test";
  readonly status: "firing" | "resolved";
  /** Equal for all messages of a group, over restarts. Of any length. */
  readonly groupKey: string;
  readonly groupLabels: Readonly<Record<string, string>>;
  /** Firing ones first; never empty. */
  readonly alerts: readonly ToldAlert[];
  /** Alerts that were left out, since there are so many. */
  readonly truncated: number;
  /** Names the run of messages from the first alert of a group to its last, for threads of mails. */
  readonly thread: string;
  /** The first of its thread to this receiver. */
  readonly first: boolean;
  readonly atMs: number;
  /** When an Alertmanager is to take firing ones for over, unless told again. */
  readonly goodUntilMs: number;
}
