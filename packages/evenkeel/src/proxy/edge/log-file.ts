/** What a log is written to, as far as a writer needs it. */
import { close, constants, fstat, open, write } from "node:fs";

type Done<Value> = (error: NodeJS.ErrnoException | null, value: Value) => void;

/** An open file or pipe. */
export interface LogFile {
  /** Larger writes than this may be torn apart by other writers. */
  readonly atomicBytes: number;
  /** Writes some of the bytes from `offset` on, at least one, and tells how many. */
  write(bytes: Buffer, offset: number, length: number, done: Done<number>): void;
  close(done: () => void): void;
}

/** Opens a path; "stdout" is the process' own. */
export type OpenLogFile = (path: string, done: Done<LogFile | undefined>) => void;

/** POSIX promises no more for pipes (PIPE_BUF on Linux); files in append mode have no such bound. */
const PIPE_BYTES = 4_096;
const STDOUT = 1;
/** Of a new file: the owner writes, the group may read. */
const MODE = 0o640;

/** Opens the real thing: a file to append to, made where it is missing. */
export const openLogFile: OpenLogFile = (path, done) => {
  if (path === "stdout") {
    describe(STDOUT, false, done);
    return;
  }
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND;
  open(path, flags, MODE, (error, descriptor) => {
    if (error === null) describe(descriptor, true, done);
    else done(error, undefined);
  });
};

function describe(descriptor: number, isOwned: boolean, done: Done<LogFile | undefined>): void {
  fstat(descriptor, (error, stats) => {
    const isFile = error === null && stats.isFile();
    done(null, {
      atomicBytes: isFile ? Number.POSITIVE_INFINITY : PIPE_BYTES,
      write: (bytes, offset, length, written) =>
        write(descriptor, bytes, offset, length, null, written),
      // Nothing can be done about a failing close, and stdout is not ours to close.
      close: (closed) => (isOwned ? close(descriptor, () => closed()) : closed()),
    });
  });
}
