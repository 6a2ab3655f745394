/** Complaints about a log, without a flood of them. */

/** Collects a log's problems: the first is told at once, those that follow together, at most once in
 * `everyMs`. */
export class ProblemReport {
  readonly #path: string;
  readonly #tell: (message: string) => void;
  readonly #everyMs: number;
  #lost = 0;
  #lastFailure = "";
  #timer: NodeJS.Timeout | undefined;

  constructor(path: string, tell: (message: string) => void, everyMs: number) {
    this.#path = path;
    this.#tell = tell;
    this.#everyMs = everyMs;
  }

  /** Lines were dropped because the file is slower than they come. */
  dropped(lines: number): void {
    this.#lost += lines;
    this.#schedule();
  }

  /** Something failed, maybe losing lines. */
  failed(what: string, error: NodeJS.ErrnoException, lostLines: number): void {
    this.#lastFailure = ` ${what}: ${error.message}`;
    this.#lost += lostLines;
    this.#schedule();
  }

  /** Tells what has not been told. */
  close(): void {
    clearTimeout(this.#timer);
    this.#report();
  }

  #schedule(): void {
    if (this.#timer === undefined) this.#reportAndWait();
  }

  #reportAndWait(): void {
    this.#timer = undefined;
    if (!this.#report()) return;
    this.#timer = setTimeout(() => this.#reportAndWait(), this.#everyMs).unref();
  }

  #report(): boolean {
    if (this.#lost === 0 && this.#lastFailure === "") return false;
    const failure = this.#lastFailure === "" ? " is too slow" : this.#lastFailure;
    const lost = this.#lost === 0 ? "" : `; ${this.#lost} lines were dropped`;
    this.#tell(`access log ${this.#path}${failure}${lost}`);
    this.#lost = 0;
    this.#lastFailure = "";
    return true;
  }
}
