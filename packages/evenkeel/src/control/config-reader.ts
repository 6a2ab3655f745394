/** The configuration file as control reads it: again and again, never half. */
import { loadConfig } from "../config/load.ts";
import { formatProblems } from "../config/problem.ts";
import { SlotAllocator, type SlotCheckpoint } from "../config/slots.ts";
import type { MemberAddress } from "../config/desired/members.ts";
import { toDesired } from "../config/desired/to-desired.ts";
import type { Desired } from "../snapshot/desired.ts";

export type ReadOutcome =
  | {
      readonly ok: true;
      readonly desired: Desired;
      /** What the desired state takes of the board; keep it once it is in force. */
      readonly slots: SlotCheckpoint;
      /** Looked for when first asked for: a change need not wait for them. */
      readonly warnings: readonly string[];
    }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Reads the file. `slots` is what is in force now, undefined at first; it is not changed. Members
 * keep their rows, but are not put in. */
export type ConfigReader = (
  version: number,
  slots: SlotCheckpoint | undefined,
  members: readonly MemberAddress[],
) => ReadOutcome;

/** A reader of one file; `file` is named in problems as given. */
export function createConfigReader(file: string): ConfigReader {
  return (version, slots, members) => {
    const loaded = loadConfig(file);
    if (!loaded.ok) return { ok: false, problems: loaded.problems.map(asBlock) };
    const allocator = new SlotAllocator(slots);
    try {
      const desired = toDesired(loaded.config, allocator, version, members);
      let warnings: readonly string[] | undefined;
      return {
        ok: true,
        desired,
        slots: allocator.checkpoint(),
        get warnings() {
          return (warnings ??= loaded.warnings.map(asBlock));
        },
      };
    } catch (error) {
      // The board is full, say: the state in force stays.
      return { ok: false, problems: [error instanceof Error ? error.message : String(error)] };
    }
  };
}

const asBlock = (problem: Parameters<typeof formatProblems>[0][number]): string =>
  formatProblems([problem]);
