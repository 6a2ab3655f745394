/**
 * How long threads waited for a processor: what the machine did to a run, whoever made it busy.
 */
import { readdirSync, readFileSync } from "node:fs";

const EVERY_MS = 100;

/** Waiting times of threads in nanoseconds, by thread. */
export type Waits = ReadonlyMap<string, number>;

/** The most that one thread waited between two readings, in milliseconds. Threads that are new or
 * gone don't count: starting is work the scenario asked for. */
export function worstWaitMs(before: Waits, after: Waits): number {
  let worst = 0;
  for (const [thread, wait] of after) {
    worst = Math.max(worst, wait - (before.get(thread) ?? wait));
  }
  return worst / 1e6;
}

/** Watches processes until it is disposed of. */
export class StallWatch implements Disposable {
  readonly #pids: () => readonly number[];
  readonly #timer: NodeJS.Timeout;
  #last: Waits;
  #worstMs = 0;

  /** `pids` is asked again each time: processes come and go. */
  constructor(pids: () => readonly number[]) {
    this.#pids = pids;
    this.#last = readWaits(pids());
    this.#timer = setInterval(() => this.#look(), EVERY_MS);
  }

  /** The longest wait of one thread within a tenth of a second; since several short waits count
   * together, a busy thread may have some without a stall. */
  get worstMs(): number {
    return this.#worstMs;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const now = readWaits(this.#pids());
    this.#worstMs = Math.max(this.#worstMs, worstWaitMs(this.#last, now));
    this.#last = now;
  }
}

/** Reads the second field of every thread's schedstat: nanoseconds spent waiting to run. */
function readWaits(pids: readonly number[]): Map<string, number> {
  const waits = new Map<string, number>();
  for (const pid of pids) {
    try {
      for (const thread of readdirSync(`/proc/${pid}/task`)) {
        const fields = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "latin1").split(" ");
        waits.set(thread, Number(fields[1]));
      }
    } catch {
      // The process has ended meanwhile, or the kernel keeps no such statistics: nothing is known.
    }
  }
  return waits;
}
