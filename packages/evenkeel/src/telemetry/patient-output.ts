/** Standard output that nobody may be reading: lines wait in bounded memory, and never hold up the
 * thread that writes them. */
import { closeSync, constants, fstatSync, openSync, writeSync } from "node:fs";

/** Takes whole lines; never blocks, never throws. */
export interface PatientOutput {
  write(line: string): void;
}

/** What it stands on; the process' own output unless given. */
export interface PatientOutputDeps {
  /** Writes some of the bytes and tells how many; throws EAGAIN where there is no room now. */
  readonly put: (bytes: Buffer) => number;
  /** Calls back a little later; must not keep the thread alive. */
  readonly later: (run: () => void) => void;
  /** Bytes that may wait; lines beyond are dropped, counted and reported. */
  readonly maxBytes: number;
}

const STDOUT = 1;
const MAX_BYTES = 1_048_576;
const AGAIN_MS = 50;

/** Lines go out before `write` returns where there is room. `lost` makes the line that tells how many
 * were dropped. */
export function createPatientOutput(
  lost: (lines: number) => string,
  deps: Partial<PatientOutputDeps> = {},
): PatientOutput {
  const { put = putTo(openStdout()), later = soon, maxBytes = MAX_BYTES } = deps;
  const waiting: Buffer[] = [];
  let bytes = 0;
  let dropped = 0;
  let scheduled = false;

  const add = (line: string): void => {
    const piece = Buffer.from(line);
    waiting.push(piece);
    bytes += piece.length;
  };

  const flush = (): void => {
    try {
      for (let first = waiting[0]; first !== undefined; first = waiting[0]) {
        const taken = put(first);
        bytes -= taken;
        if (taken < first.length) waiting[0] = first.subarray(taken);
        else waiting.shift();
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EAGAIN") return again();
      // The reader is gone for good: there is nobody to tell.
      waiting.length = 0;
      bytes = 0;
    }
  };

  const again = (): void => {
    if (scheduled) return;
    scheduled = true;
    later(() => {
      scheduled = false;
      flush();
      tellLost();
    });
  };

  const tellLost = (): void => {
    if (dropped === 0 || waiting.length > 0) return;
    add(lost(dropped));
    dropped = 0;
    flush();
  };

  return {
    write(line) {
      if (waiting.length > 0 && bytes + line.length > maxBytes) {
        dropped++;
        return;
      }
      add(line);
      flush();
    },
  };
}

function putTo(descriptor: number): (bytes: Buffer) => number {
  return (bytes) => writeSync(descriptor, bytes);
}

function soon(run: () => void): void {
  setTimeout(run, AGAIN_MS).unref();
}

/** A pipe is opened once more, so that not waiting is this writer's business alone; whatever else
 * standard output is takes its bytes as they come. */
function openStdout(): number {
  try {
    if (!fstatSync(STDOUT).isFIFO()) return STDOUT;
    const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_NONBLOCK;
    const own = openSync("/proc/self/fd/1", flags);
    if (fstatSync(own).isFIFO()) return own;
    closeSync(own);
    return STDOUT;
  } catch {
    return STDOUT; // No /proc, or not allowed to: it waits for its reader.
  }
}
