/** What control leaves with the host, to be found by its successor. */
import type { SlotCheckpoint } from "../config/slots.ts";
import type { MemberAddress } from "../config/desired/members.ts";
import type { Desired } from "../snapshot/desired.ts";

/** What happened to the configuration so far. */
export interface ReloadHistory {
  readonly accepted: number;
  readonly refused: number;
  readonly lastAtMs: number;
  readonly lastOk: boolean;
  /** Of the last reload, where it was refused. */
  readonly problems: readonly string[];
}

/** The file's last configuration that was in force, with the board's rows it was given. Holds secrets:
 * never log it. */
export interface SavedConfig {
  readonly desired: Desired;
  readonly slots: SlotCheckpoint;
  /** The endpoints in force beside the file's own. */
  readonly members: readonly MemberAddress[];
}

/** The parts of `ControlStart.checkpoint`; each undefined on the first start. */
export interface Saved {
  readonly config: SavedConfig | undefined;
  readonly history: ReloadHistory | undefined;
  /** The health table's own. */
  readonly health: unknown;
  /** The supervisor's own. */
  readonly processes: unknown;
}

/** The parts back from the host, which only ever returns what control itself gave it. */
export function openSaved(parts: Readonly<Record<string, unknown>>): Saved {
  return {
    config: parts["config"] as SavedConfig | undefined,
    history: parts["history"] as ReloadHistory | undefined,
    health: parts["health"],
    processes: parts["processes"],
  };
}
