/** Changes that a full disk refused: kept in memory, in order and bounded, and written when it works. */
import type { Change } from "./changes.ts";
import { writeChange } from "./changes.ts";
import { HistoryUnavailable } from "./contract.ts";
import type { HistoryLog, Store } from "./store.ts";

export interface WaitingChanges {
  /** Writes it, or keeps it. Never throws. */
  write(change: Change): void;
  /** Everything kept, oldest first: readers lay it over what the file says. */
  list(): readonly Change[];
  /** Tries to write what is kept. */
  retry(): void;
}

/** The most changes that wait. Of more, notes are given up first. */
export const MOST_WAITING = 2000;
const AT_ONCE = 200;

/** Empty to begin with. */
export function createWaitingChanges(store: Store, log: HistoryLog): WaitingChanges {
  const kept: Change[] = [];
  let lost = 0;

  const keep = (change: Change): void => {
    forgetEarlier(kept, change);
    kept.push(change);
    if (kept.length <= MOST_WAITING) return;
    const note = kept.findIndex(({ kind }) => kind === "note");
    kept.splice(Math.max(0, note), 1);
    if (lost++ === 0) log.error("the history can't be written for long: its oldest notes are lost");
  };

  /** A change that no file can hold must not stand in the way of those behind it. */
  const writeOne = (change: Change): void => {
    try {
      store.write((database) => writeChange(database, change));
    } catch (error) {
      if (error instanceof HistoryUnavailable) throw error;
      log.error(`a change of the history can't be stored: ${String(error)}`);
    }
  };

  const writeSome = (some: readonly Change[]): void => {
    try {
      store.write((database) =>
        database.together(() => some.forEach((change) => writeChange(database, change))),
      );
    } catch (error) {
      if (error instanceof HistoryUnavailable) throw error;
      for (const change of some) writeOne(change);
    }
  };

  const writeKept = (): void => {
    while (kept.length > 0) {
      const some = kept.slice(0, AT_ONCE);
      writeSome(some);
      kept.splice(0, some.length);
    }
    if (lost > 0) log.error(`${lost} notes of the history were lost while it could not be written`);
    lost = 0;
  };

  const succeeds = (work: () => void): boolean => {
    try {
      work();
      return true;
    } catch (error) {
      if (error instanceof HistoryUnavailable) return false; // `problem` tells of it.
      throw error;
    }
  };

  return {
    write(change) {
      const written = succeeds(() => {
        writeKept();
        writeOne(change);
      });
      if (!written) keep(change);
    },
    list: () => kept,
    retry: () => void succeeds(writeKept),
  };
}

/** What is remembered under one key again and again counts once: the last. */
function forgetEarlier(kept: Change[], change: Change): void {
  if (change.kind !== "remember") return;
  const at = kept.findIndex(
    (one) => one.kind === "remember" && one.space === change.space && one.key === change.key,
  );
  if (at >= 0) kept.splice(at, 1);
}
