/** Tells when a file's content may have changed. */
import { statSync, watch, type FSWatcher } from "node:fs";
import { basename, dirname } from "node:path";

export interface FileWatch {
  close(): void;
}

/** Long enough for an editor's or a template's few writes of one file to come together. */
const SETTLE_MS = 10;
const LOOK_EVERY_MS = 1000;

/** Calls `changed` once a change of the file has settled. The folder is watched, not the file: editors
 * and tools replace files by renaming others over them. A look at the file each second stands in
 * where the system does not tell (network file systems, a link into another folder). */
export function watchFile(file: string, changed: () => void): FileWatch {
  let known = signature(file);
  let settling: NodeJS.Timeout | undefined;
  const settled = (): void => {
    settling = undefined;
    const now = signature(file);
    if (now === known || now === undefined) return; // Gone for a moment: the next look will tell.
    known = now;
    changed();
  };
  const suspect = (): void => {
    clearTimeout(settling);
    settling = setTimeout(settled, SETTLE_MS);
  };
  const watcher = watchFolder(file, suspect);
  const looking = setInterval(() => {
    if (settling === undefined && signature(file) !== known) suspect();
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
function watchFolder(file: string, suspect: () => void): FSWatcher | undefined {
  try {
    const name = basename(file);
    const watcher = watch(dirname(file), (_event, changed) => {
      // `..data` is how Kubernetes swaps all files of a mounted folder at once.
      if (changed === null || changed === name || changed === "..data") suspect();
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
