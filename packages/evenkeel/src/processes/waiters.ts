/** Promises that wait for something to become so. */

/** Those that wait on one thing; `look` at each change of it. */
export class Waiters {
  readonly #looks = new Set<() => void>();

  /** Resolves with what `look` answers as soon as it answers anything; undefined once `signal`
   * aborts. */
  until<T>(look: () => T | undefined, signal: AbortSignal): Promise<T | undefined> {
    return new Promise((resolve) => {
      const end = (value: T | undefined): void => {
        this.#looks.delete(check);
        signal.removeEventListener("abort", abort);
        resolve(value);
      };
      const abort = (): void => end(undefined);
      const check = (): void => {
        const value = look();
        if (value !== undefined) end(value);
      };
      if (signal.aborted) return resolve(undefined);
      signal.addEventListener("abort", abort, { once: true });
      this.#looks.add(check);
      check();
    });
  }

  /** All look again. */
  look(): void {
    for (const check of this.#looks) check();
  }
}
