/**
 * Lines to a file, in batches, without ever holding up the caller.
 *
 * Lines gather until there are enough of them or some time has passed; one write is on its way at a
 * time. Memory is bounded: while the file is slower than the lines come, or can't be opened, what
 * does not fit is dropped, counted and reported at most once a second.
 */
import { type LogFile, type OpenLogFile, openLogFile } from "./log-file.ts";
import { ProblemReport } from "./problem-report.ts";

/** Bounds and seams; all have defaults. */
export interface LineWriterOptions {
  /** A batch is written once it has this many characters (64 KiB) … */
  readonly flushBytes: number;
  /** … or its first line is this old (200 ms). */
  readonly flushMs: number;
  /** Lines that would make more than this wait are dropped (4 MiB). */
  readonly maxPendingBytes: number;
  /** Between two reports of problems, and two attempts to open the file (1 s). */
  readonly reportMs: number;
  readonly open: OpenLogFile;
}

/** A sink for lines. */
export interface LineWriter {
  /** Takes a line, its end included; characters are written as latin1. Lines longer than the bound
   * on memory are dropped. */
  write(line: string): void;
  /** Opens the path anew and goes on there; lines that still wait may go to either file, none to
   * both. Where opening fails, the old file stays in use. */
  reopen(): void;
  /** Writes what is left and closes the file. Lines that come later are dropped. */
  close(): Promise<void>;
}

const defaults: LineWriterOptions = {
  flushBytes: 65_536,
  flushMs: 200,
  maxPendingBytes: 4_194_304,
  reportMs: 1_000,
  open: openLogFile,
};

/** Opens `path` ("stdout" for the process' own) at once; `onProblem` gets sentences for people. */
export function createLineWriter(
  path: string,
  onProblem: (message: string) => void,
  options: Partial<LineWriterOptions> = {},
): LineWriter {
  return new Writer(path, onProblem, { ...defaults, ...options });
}

type State = "opening" | "idle" | "writing" | "broken" | "closed";

class Writer implements LineWriter {
  readonly #path: string;
  readonly #options: LineWriterOptions;
  readonly #problems: ProblemReport;
  #state: State = "opening";
  #file: LogFile | undefined;
  /** Lines not yet handed to the file. */
  #pending = "";
  #flushTimer: NodeJS.Timeout | undefined;
  #retryTimer: NodeJS.Timeout | undefined;
  #wantsReopen = false;
  #closing: (() => void) | undefined;

  constructor(path: string, onProblem: (message: string) => void, options: LineWriterOptions) {
    this.#path = path;
    this.#options = options;
    this.#problems = new ProblemReport(path, onProblem, options.reportMs);
    this.#open();
  }

  write(line: string): void {
    const length = this.#pending.length + line.length;
    if (this.#closing !== undefined || this.#state === "closed") return;
    if (length > this.#options.maxPendingBytes) {
      this.#problems.dropped(1);
      return;
    }
    this.#pending += line;
    if (length >= this.#options.flushBytes) this.#flush();
    else this.#flushTimer ??= setTimeout(() => this.#flush(), this.#options.flushMs);
  }

  reopen(): void {
    this.#wantsReopen = true;
    if (this.#state === "broken") this.#open();
    else this.#flush();
  }

  close(): Promise<void> {
    if (this.#state === "closed") return Promise.resolve();
    return new Promise((resolve) => {
      const earlier = this.#closing;
      this.#closing = () => {
        earlier?.();
        resolve();
      };
      if (this.#state === "broken") this.#end();
      else this.#flush();
    });
  }

  #flush(): void {
    clearTimeout(this.#flushTimer);
    this.#flushTimer = undefined;
    if (this.#state !== "idle") return;
    if (this.#pending === "") {
      this.#settle();
      return;
    }
    const batch = Buffer.from(this.#pending, "latin1");
    this.#pending = "";
    this.#state = "writing";
    this.#send(batch, 0);
  }

  /** Nothing is on its way and nothing waits: time for what was put off. */
  #settle(): void {
    if (this.#wantsReopen) this.#open();
    else if (this.#closing !== undefined) this.#end();
  }

  #send(batch: Buffer, offset: number): void {
    const file = this.#file;
    if (file === undefined || offset === batch.length) {
      this.#state = "idle";
      if (this.#wantsReopen) this.#open();
      else if (this.#pending.length >= this.#options.flushBytes || this.#closing) this.#flush();
      return;
    }
    const end = wholeLines(batch, offset, file.atomicBytes);
    file.write(batch, offset, end - offset, (error, written) => {
      if (error === null) this.#send(batch, offset + written);
      else this.#failed(batch, offset, error);
    });
  }

  #failed(batch: Buffer, offset: number, error: NodeJS.ErrnoException): void {
    if (error.code === "EAGAIN" && this.#closing === undefined) {
      // A full pipe of somebody who set it not to block.
      this.#retryTimer = setTimeout(() => this.#send(batch, offset), this.#options.flushMs);
      return;
    }
    this.#problems.failed("can't be written", error, countLines(batch, offset));
    this.#send(batch, batch.length);
  }

  #open(): void {
    this.#wantsReopen = false;
    this.#state = "opening";
    clearTimeout(this.#retryTimer);
    this.#options.open(this.#path, (error, file) => {
      if (error !== null) this.#problems.failed("can't be opened", error, 0);
      if (file !== undefined) {
        const old = this.#file;
        this.#file = file;
        old?.close(() => {});
      }
      if (this.#file === undefined) this.#retryLater();
      else {
        this.#state = "idle";
        this.#flush();
      }
    });
  }

  #retryLater(): void {
    this.#state = "broken";
    if (this.#closing !== undefined) this.#end();
    else this.#retryTimer = setTimeout(() => this.#open(), this.#options.reportMs).unref();
  }

  #end(): void {
    this.#state = "closed";
    clearTimeout(this.#flushTimer);
    clearTimeout(this.#retryTimer);
    if (this.#pending !== "") {
      this.#problems.dropped(countLines(Buffer.from(this.#pending, "latin1"), 0));
    }
    this.#problems.close();
    const done = this.#closing ?? (() => {});
    if (this.#file === undefined) done();
    else this.#file.close(done);
  }
}

/** The end of as many whole lines as fit into `bound` bytes; at least one line. */
function wholeLines(batch: Buffer, start: number, bound: number): number {
  if (batch.length - start <= bound) return batch.length;
  const end = batch.lastIndexOf(0x0a, start + bound - 1) + 1;
  return end > start ? end : batch.indexOf(0x0a, start) + 1 || batch.length;
}

function countLines(batch: Buffer, start: number): number {
  let lines = 0;
  for (let at = batch.indexOf(0x0a, start); at >= 0; at = batch.indexOf(0x0a, at + 1)) lines++;
  return lines;
}
