/** Ctrl-C: the first asks to end, the second ends. */
import type { EventEmitter } from "node:events";

export interface Interrupt {
  readonly interrupted: boolean;
  /** Called once at the first signal; at once where it has come already. */
  whenInterrupted(action: () => void): void;
  /** Called before a second signal ends the process, for what would outlive it. */
  beforeEnd(action: () => void): void;
  /** Listens no more. */
  [Symbol.dispose](): void;
}

const signals = ["SIGINT", "SIGTERM"] as const;

/** Listens from now on. `end` is what a second signal does: it ends the process as the signal would
 * have. */
export function watchInterrupt(
  source: EventEmitter = process,
  end: (signal: NodeJS.Signals) => void = (signal) => void process.kill(process.pid, signal),
): Interrupt {
  const actions: (() => void)[] = [];
  const last: (() => void)[] = [];
  let interrupted = false;
  const stopListening = (): void => {
    for (const signal of signals) source.removeListener(signal, heard);
  };
  const heard = (signal: NodeJS.Signals): void => {
    if (interrupted) {
      stopListening();
      for (const action of last) action();
      end(signal);
      return;
    }
    interrupted = true;
    for (const action of actions) action();
  };
  for (const signal of signals) source.on(signal, heard);
  return {
    get interrupted() {
      return interrupted;
    },
    whenInterrupted(action) {
      if (interrupted) action();
      else actions.push(action);
    },
    beforeEnd: (action) => void last.push(action),
    [Symbol.dispose]: stopListening,
  };
}
