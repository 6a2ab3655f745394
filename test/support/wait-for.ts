/**
 * Waiting for something to become true without sleeping for a guessed time.
 */
import { setTimeout as pause } from "node:timers/promises";

/** How long a wait may last and how often it looks. */
export interface WaitOptions {
  /** Gives up after this long. */
  readonly withinMs?: number;
  /** Pause between two looks. */
  readonly everyMs?: number;
}

/** Polls until `look` answers something truthy and returns that; throws `what` with the last error
 * or answer after the deadline. Errors thrown by `look` count as "not yet". */
export async function waitFor<T>(
  what: string,
  look: () => T | Promise<T>,
  options: WaitOptions = {},
): Promise<NonNullable<T>> {
  const { withinMs = 5_000, everyMs = 10 } = options;
  const giveUpAt = performance.now() + withinMs;
  let last: unknown;
  for (;;) {
    try {
      const seen = await look();
      if (seen) return seen;
      last = seen;
    } catch (error) {
      last = error;
    }
    if (performance.now() >= giveUpAt) {
      throw new Error(`waited ${withinMs} ms in vain for ${what}; last seen: ${describe(last)}`, {
        cause: last,
      });
    }
    await pause(everyMs);
  }
}

/** Lets a promise last at most `withinMs`; the late result is dropped, a late rejection too. */
export async function within<T>(what: string, withinMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`${what} took longer than ${withinMs} ms`)),
      withinMs,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function describe(value: unknown): string {
  if (value instanceof Error) return value.message;
  return JSON.stringify(value) ?? String(value);
}
