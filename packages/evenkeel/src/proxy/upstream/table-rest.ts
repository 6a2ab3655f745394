/**
 * How often a hash table is built anew for weights alone.
 *
 * A table of ten thousand endpoints takes tens of milliseconds, in which its proxy serves nobody, and
 * while many weights ramp up one is due with nearly every request. So after a build the table rests:
 * who is eligible always counts at once, but weights are followed when the rest is over.
 */
const REST_MS = 250;

/** See the file's head. */
export interface TableRest {
  /** Whether a table of the same members has to do for now. `due` is called when it no longer has. */
  keeps(members: readonly number[], backups: readonly number[]): boolean;
  /** A table was built of these. */
  built(members: readonly number[], backups: readonly number[]): void;
  /** Ends the rest; `due` is not called for it. */
  end(): void;
}

/** A rest that has not begun. */
export function createTableRest(due: () => void): TableRest {
  let resting: NodeJS.Timeout | undefined;
  let isBehind = false;
  let members: readonly number[] = [];
  let backups: readonly number[] = [];
  const end = (): void => {
    clearTimeout(resting);
    resting = undefined;
    isBehind = false;
  };
  const wake = (): void => {
    const wasBehind = isBehind;
    end();
    if (wasBehind) due();
  };
  return {
    keeps(nextMembers, nextBackups) {
      if (resting === undefined) return false;
      isBehind = areEqual(members, nextMembers) && areEqual(backups, nextBackups);
      return isBehind;
    },
    built(builtMembers, builtBackups) {
      end();
      members = builtMembers;
      backups = builtBackups;
      resting = setTimeout(wake, REST_MS).unref();
    },
    end,
  };
}

function areEqual(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((slot, at) => slot === other[at]);
}
