/** A journal for who must not fail: what can't be written now is written later. */
import type { Log } from "../../telemetry/log.ts";
import type { Journal, JournalEntry } from "./journal.ts";

export interface PatientJournal {
  save(entry: JournalEntry): void;
  remove(run: string): void;
  /** Tries again what failed. True while something is left. */
  retry(): boolean;
}

/** A full disk must not keep a process from being started again, so a failure is told and tried again
 * at each `retry`. Until then the run would not be found by a next Evenkeel. */
export function createPatientJournal(
  journal: Journal,
  log: Pick<Log, "error" | "info">,
): PatientJournal {
  const unsaved = new Map<string, JournalEntry>();

  const tryToSave = (entry: JournalEntry): void => {
    const { run } = entry.order;
    try {
      journal.write(entry);
      if (unsaved.delete(run)) log.info({ run }, "the journal of instances can be written again");
    } catch (error) {
      if (!unsaved.has(run)) {
        log.error(
          { run, error },
          "not in the journal: a next Evenkeel would not find this instance",
        );
      }
      unsaved.set(run, entry);
    }
  };

  return {
    save: tryToSave,
    remove(run) {
      unsaved.delete(run);
      try {
        journal.remove(run);
      } catch (error) {
        // It is found dead by the next Evenkeel, and removed then.
        log.error({ run, error }, "its entry in the journal can't be removed");
      }
    },
    retry() {
      for (const entry of unsaved.values()) tryToSave(entry);
      return unsaved.size > 0;
    },
  };
}
