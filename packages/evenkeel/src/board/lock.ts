/**
 * A group's lock: a few instructions' worth of exclusion between proxies that pick at once.
 *
 * Held for under a microsecond, so waiting spins; where the holder was put aside by the kernel,
 * waiting sleeps in short slices. A holder that died is replaced by the host (`breakLocks`).
 */

const SPINS = 200;
const SLICE_MS = 1;

/** Takes lock `index` for a worker (0 and up). Blocks; never call it on the main thread. */
export function acquire(lock: Int32Array, index: number, worker: number): void {
  for (let spin = 0; ; spin++) {
    if (Atomics.compareExchange(lock, index, 0, worker + 1) === 0) return;
    if (spin < SPINS) continue;
    const holder = Atomics.load(lock, index);
    if (holder !== 0) Atomics.wait(lock, index, holder, SLICE_MS);
  }
}

/** Gives lock `index` back. */
export function release(lock: Int32Array, index: number): void {
  Atomics.store(lock, index, 0);
}

/** Frees every lock that a dead worker held. What it was changing stays as it was: at worst one
 * pick's bookkeeping is half done, which the policies outlive. */
export function breakLocks(lock: Int32Array, worker: number): void {
  for (let index = 0; index < lock.length; index++) {
    Atomics.compareExchange(lock, index, worker + 1, 0);
  }
}
