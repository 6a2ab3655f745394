/**
 * What is in force: the desired state as the file asks for it, with the members put in that came
 * since. Either part changes by itself; each change makes a new version.
 */
import { isDeepStrictEqual } from "node:util";
import { withMembers, type MemberAddress } from "../config/desired/members.ts";
import type { SlotCheckpoint } from "../config/slots.ts";
import type { Desired } from "../snapshot/desired.ts";
import type { SavedConfig } from "./saved.ts";

export interface InForce {
  /** As the file asks for it. */
  readonly file: Desired;
  /** As it is carried out. */
  readonly desired: Desired;
  readonly slots: SlotCheckpoint;
  readonly members: readonly MemberAddress[];
}

/** What the file asks for with these members. Throws `SlotsExhausted` where the board is full. */
export function inForce(
  file: Desired,
  slots: SlotCheckpoint,
  members: readonly MemberAddress[],
  version: number,
): InForce {
  if (members.length === 0) {
    const desired = { ...file, snapshot: { ...file.snapshot, version } };
    return { file, desired, slots, members };
  }
  return { file, members, ...withMembers(file, slots, members, version) };
}

/** The same with other members; itself where they are the same. */
export function withOtherMembers(before: InForce, members: readonly MemberAddress[]): InForce {
  if (isDeepStrictEqual(before.members, members)) return before;
  // Rows of members that left are given back even where none is left.
  const version = before.desired.snapshot.version + 1;
  return {
    file: before.file,
    members,
    ...withMembers(before.file, before.slots, members, version),
  };
}

/** What a successor needs to go on. */
export function toSave({ file, slots, members }: InForce): SavedConfig {
  return { desired: file, slots, members };
}
