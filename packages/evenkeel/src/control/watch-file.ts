/** Tells when a file's content may have changed. */
import { existsSync, statSync, watch, type FSWatcher } from "node:fs";
import { basename, dirname, join } from "node:path";

export interface WatchOptions {
  /** The file has not been there for longer than tools need to replace it; called once. */
  readonly gone?: () => void;
  /** After `gone`: it is there again, before `changed`. */
  readonly back?: () => void;
  /** How long a file that is written must have been left alone. */
  readonly settleMs?: number;
}

export interface FileWatch {
  close(): void;
}

/** Long enough for an editor's or a template's few writes of one file to come together. */
const SETTLE_MS = 10;
const LOOK_EVERY_MS = 1000;

/** Calls `changed` once a change of the file has settled, and at once where another file, complete
 * as it is, was renamed over it. The folder is watched, not the file: editors
 * and tools replace files by renaming others over them. A look at the file each second stands in
 * where the system does not tell (network file systems, a link into another folder). */
export function watchFile(
  file: string,
  changed: () => void,
  { gone, back, settleMs = SETTLE_MS }: WatchOptions = {},
): FileWatch {
  let known = signature(file);
  let looksMissing = 0;
  let settling: NodeJS.Timeout | undefined;
  const found = (): void => {
    if (looksMissing > 1) back?.();
    looksMissing = 0;
  };
  const settled = (): void => {
    clearTimeout(settling);
    settling = undefined;
    const now = signature(file);
    if (now !== undefined) found();
    if (now === known || now === undefined) return; // Gone for a moment: the next look will tell.
    known = now;
    changed();
  };
  const suspect = (): void => {
    clearTimeout(settling);
    settling = setTimeout(settled, settleMs);
  };
  const watcher = watchFolder(file, (isWhole) => {
    suspect();
    if (isWhole) settled();
  });
  const looking = setInterval(() => {
    const now = signature(file);
    if (now === undefined && ++looksMissing === 2) gone?.();
    if (now !== undefined && now === known) found();
    if (settling === undefined && now !== known) suspect();
  }, LOOK_EVERY_MS);
  return {
    close() {
      watcher?.close();
      clearInterval(looking);
      clearTimeout(settling);
    },
  };
}

/** Undefined where the system can't watch: the looks remain. */
function watchFolder(file: string, suspect: (isWhole: boolean) => void): FSWatcher | undefined {
  const folder = dirname(file);
  const name = basename(file);
  /** Another name that came or went just before, in this turn of the event loop. */
  let other: string | undefined;
  try {
    const watcher = watch(folder, (event, changed) => {
      // `..data` is how Kubernetes swaps all files of a mounted folder at once.
      if (changed === null || changed === name || changed === "..data") {
        // A rename is told as two names in a row, of which the first is gone.
        const isRename = event === "rename" && changed === name && other !== undefined;
        suspect(isRename && !existsSync(join(folder, other!)));
        other = undefined;
      } else {
        other = event === "rename" ? changed : undefined;
        setImmediate(() => (other = undefined));
      }
    });
    watcher.on("error", () => watcher.close()); // The folder is gone: the looks remain.
    return watcher;
  } catch {
    return undefined;
  }
}

/** What changes whenever the file is written or replaced; undefined where there is none. */
function signature(file: string): string | undefined {
  try {
    const { ino, size, mtimeMs, ctimeMs } = statSync(file);
    return `${ino} ${size} ${mtimeMs} ${ctimeMs}`;
  } catch {
    return undefined;
  }
}
