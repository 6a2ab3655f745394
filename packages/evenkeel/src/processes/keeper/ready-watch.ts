/** Waits for a child's word that it is ready: a line feed in a file. */
import { readFileSync, statSync, watch, type FSWatcher } from "node:fs";

export interface ReadyWatch {
  /** Looks now, for systems that don't tell of changes. */
  look(): void;
  close(): void;
}

/** A word longer than this is none. */
const WORD_BYTES = 64 * 1024;

/** Calls `ready` once, never before it has returned; the file may hold the word already. */
export function watchReady(path: string, ready: () => void): ReadyWatch {
  let watcher: FSWatcher | undefined;
  let done = false;

  const close = (): void => {
    done = true;
    watcher?.close();
    watcher = undefined;
  };
  const look = (): void => {
    if (done || !hasLine(path)) return;
    close();
    ready();
  };

  try {
    watcher = watch(path, { persistent: false }, look);
    // Looks go on without it.
    watcher.on("error", () => watcher?.close());
  } catch {
    // No watch to be had (limits, file systems without): looks have to do.
  }
  setImmediate(look);
  return { look, close };
}

function hasLine(path: string): boolean {
  try {
    const { size } = statSync(path);
    return size > 0 && size <= WORD_BYTES && readFileSync(path).includes(0x0a);
  } catch {
    return false; // Gone with its run.
  }
}
