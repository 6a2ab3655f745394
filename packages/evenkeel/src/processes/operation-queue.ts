/** Operations on one process: one after the other, and some give way to others. */
import type { Outcome } from "./contract.ts";

/** `replace`: gives way to other settings. `stop`: gives way to nothing. */
export type OperationKind = "replace" | "start" | "stop";

/** Stops at abort, leaving things in order. */
export type ProcessOperation = (signal: AbortSignal) => Promise<Outcome>;

interface Entry {
  readonly kind: OperationKind;
  readonly controller: AbortController;
}

/** The operations of one process. */
export class OperationQueue {
  readonly #entries = new Set<Entry>();
  #last: Promise<unknown> = Promise.resolve();

  /** Runs it when all that came before are over. */
  run(kind: OperationKind, operation: ProcessOperation): Promise<Outcome> {
    const entry: Entry = { kind, controller: new AbortController() };
    this.#entries.add(entry);
    const { signal } = entry.controller;
    const mine = this.#last.then(async (): Promise<Outcome> => {
      try {
        const outcome = signal.aborted ? undefined : await operation(signal);
        if (!signal.aborted && outcome) return outcome;
        return { ok: false, problem: `given up: ${String(signal.reason)}` };
      } finally {
        this.#entries.delete(entry);
      }
    });
    this.#last = mine.catch(() => undefined); // Its caller hears of it.
    return mine;
  }

  /** Ends what runs or waits, if it is of one of these kinds. */
  interrupt(kinds: readonly OperationKind[], reason: string): void {
    for (const { kind, controller } of this.#entries) {
      if (kinds.includes(kind)) controller.abort(reason);
    }
  }

  /** Nothing runs or waits. */
  get isIdle(): boolean {
    return this.#entries.size === 0;
  }
}
