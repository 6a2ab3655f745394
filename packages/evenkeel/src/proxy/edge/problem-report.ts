/** Complaints about a log, without a flood of them. */

/** What may fail with a log's file. */
export type LogDeed = "opened" | "written";

/** How long what goes on unchanged is not told again, in milliseconds. */
const REPEAT_MS = 60_000;

/** Collects a log's problems: the first is told at once, those that follow together, at most once in
 * `everyMs`. A failure that lasts is told again once a minute, and its end once. */
export class ProblemReport {
  readonly #path: string;
  readonly #tell: (message: string) => void;
  readonly #everyMs: number;
  #lost = 0;
  #failed: LogDeed | undefined;
  /** What fails now; empty for nothing. */
  #failure = "";
  /** The failure that was told and whose end was not; empty for none. */
  #told = "";
  #sinceToldMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(path: string, tell: (message: string) => void, everyMs: number) {
    this.#path = path;
    this.#tell = tell;
    this.#everyMs = everyMs;
  }

  /** Lines were dropped because the file is slower than they come, or can't be opened. */
  dropped(lines: number): void {
    this.#lost += lines;
    this.#schedule();
  }

  /** Something failed, maybe losing lines; it lasts until it `worked`. */
  failed(what: LogDeed, error: NodeJS.ErrnoException, lostLines: number): void {
    this.#failed = what;
    this.#failure = ` can't be ${what}: ${error.message}`;
    this.#lost += lostLines;
    this.#schedule();
  }

  /** Something went well. */
  worked(what: LogDeed): void {
    if (this.#failed !== what) return;
    this.#failed = undefined;
    this.#failure = "";
    this.#schedule();
  }

  /** Tells what has not been told. */
  close(): void {
    clearTimeout(this.#timer);
    if (this.#lost > 0 || this.#failure !== this.#told) this.#report();
  }

  #schedule(): void {
    if (this.#timer === undefined) this.#look();
  }

  #look(): void {
    this.#timer = undefined;
    if (this.#lost === 0 && this.#failure === "" && this.#told === "") return;
    const lasts = this.#failure !== "" && this.#failure === this.#told;
    if (!lasts || this.#sinceToldMs >= REPEAT_MS) this.#report();
    this.#sinceToldMs += this.#everyMs;
    this.#timer = setTimeout(() => this.#look(), this.#everyMs).unref();
  }

  #report(): void {
    const ended = this.#told === "" ? " is too slow" : " is written again";
    const what = this.#failure === "" ? ended : this.#failure;
    const lost = this.#lost === 0 ? "" : `; ${this.#lost} lines were dropped`;
    this.#tell(`access log ${this.#path}${what}${lost}`);
    this.#told = this.#failure;
    this.#lost = 0;
    this.#sinceToldMs = 0;
  }
}
