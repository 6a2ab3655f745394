/**
 * Lines to a file, in batches, without ever holding up the caller.
 *
 * Lines gather until there are enough of them or some time has passed; one write is on its way at a
 * time. Memory is bounded: while the file is slower than the lines come, or can't be opened, what
 * does not fit is dropped, counted and reported at most once a second, and where the reason stays the
 * same once a minute.
 */
import type { AccessEntry, AccessLog } from "./contract.ts";
import { LineBuffer } from "./line-buffer.ts";
import type { LineFormat } from "./line-format.ts";
import { type LogFile, type OpenLogFile, openLogFile } from "./log-file.ts";
import { ProblemReport } from "./problem-report.ts";

/** Bounds and seams; all have defaults. */
export interface LineWriterOptions {
  /** A batch is written once it has this many bytes (64 KiB) … */
  readonly flushBytes: number;
  /** … or its first line is this old (200 ms). */
  readonly flushMs: number;
  /** Lines that would make more than this wait are dropped (4 MiB). */
  readonly maxPendingBytes: number;
  /** Between two reports of problems, and two attempts to open the file (1 s). */
  readonly reportMs: number;
  readonly open: OpenLogFile;
}

const defaults: LineWriterOptions = {
  flushBytes: 65_536,
  flushMs: 200,
  maxPendingBytes: 4_194_304,
  reportMs: 1_000,
  open: openLogFile,
};

/** Room behind a full batch, so that the line that fills it hardly ever makes the buffer grow. */
const SLACK_BYTES = 16_384;

/**
 * Opens `path` ("stdout" for the process' own) at once; `onProblem` gets sentences for people.
 *
 * After `reopen`, lines that still wait may go to either file, none to both; where opening fails,
 * the old file stays in use. Lines that come after `close` are dropped.
 */
export function createLineWriter(
  path: string,
  format: LineFormat,
  onProblem: (message: string) => void,
  options: Partial<LineWriterOptions> = {},
): AccessLog {
  return new Writer(path, format, onProblem, { ...defaults, ...options });
}

type State = "opening" | "idle" | "writing" | "broken" | "closed";

class Writer implements AccessLog {
  readonly #path: string;
  readonly #format: LineFormat;
  readonly #options: LineWriterOptions;
  readonly #problems: ProblemReport;
  #state: State = "opening";
  #file: LogFile | undefined;
  /** Lines not yet handed to the file. */
  readonly #pending: LineBuffer;
  #flushTimer: NodeJS.Timeout | undefined;
  #retryTimer: NodeJS.Timeout | undefined;
  #wantsReopen = false;
  #closing: (() => void) | undefined;

  constructor(
    path: string,
    format: LineFormat,
    onProblem: (message: string) => void,
    options: LineWriterOptions,
  ) {
    this.#path = path;
    this.#format = format;
    this.#options = options;
    this.#problems = new ProblemReport(path, onProblem, options.reportMs);
    this.#pending = new LineBuffer(options.flushBytes + SLACK_BYTES);
    this.#open();
  }

  write(entry: AccessEntry): void {
    if (this.#closing !== undefined || this.#state === "closed") return;
    const pending = this.#pending;
    const before = pending.length;
    this.#format(entry, pending);
    if (pending.length > this.#options.maxPendingBytes) {
      pending.length = before;
      this.#problems.dropped(1);
      return;
    }
    if (pending.length >= this.#options.flushBytes) this.#flush();
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
    if (this.#pending.length === 0) {
      this.#settle();
      return;
    }
    this.#state = "writing";
    this.#send(this.#pending.take(), 0);
  }

  /** Nothing is on its way and nothing waits: time for what was put off. */
  #settle(): void {
    if (this.#wantsReopen) this.#open();
    else if (this.#closing !== undefined) this.#end();
  }

  #send(batch: Buffer, offset: number): void {
    const file = this.#file;
    if (file === undefined || offset === batch.length) {
      this.#pending.giveBack(batch);
      this.#state = "idle";
      if (this.#wantsReopen) this.#open();
      else if (this.#pending.length >= this.#options.flushBytes || this.#closing) this.#flush();
      return;
    }
    const end = wholeLines(batch, offset, file.atomicBytes);
    file.write(batch, offset, end - offset, (error, written) => {
      if (error !== null) return this.#failed(batch, offset, error);
      this.#problems.worked("written");
      this.#send(batch, offset + written);
    });
  }

  #failed(batch: Buffer, offset: number, error: NodeJS.ErrnoException): void {
    if (error.code === "EAGAIN" && this.#closing === undefined) {
      // A full pipe of somebody who set it not to block.
      this.#retryTimer = setTimeout(() => this.#send(batch, offset), this.#options.flushMs);
      return;
    }
    this.#problems.failed("written", error, countLines(batch, offset));
    this.#send(batch, batch.length);
  }

  #open(): void {
    this.#wantsReopen = false;
    this.#state = "opening";
    clearTimeout(this.#retryTimer);
    this.#options.open(this.#path, (error, file) => {
      if (error === null) this.#problems.worked("opened");
      else this.#problems.failed("opened", error, 0);
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
    const lost = countLines(this.#pending.take(), 0);
    if (lost > 0) this.#problems.dropped(lost);
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
