/** How much counters grew lately, for those that grow now and then: restarts, ejections. */

/** The most steps remembered for one counter. */
const MOST_STEPS = 1000;

interface Row {
  seen: number;
  readonly steps: { readonly atMs: number; readonly by: number }[];
}

/** Growth of any number of counters, by key. */
export interface Growth {
  /** Notes how far each counter is; those that are not given any more are forgotten. */
  sample(nowMs: number, counters: ReadonlyMap<string, number>): void;
  /** Growth within the last `overMs`; undefined where nobody has looked yet. What was there at the
   * first look is the past. */
  within(key: string, overMs: number, nowMs: number): number | undefined;
}

/** Remembers nothing yet; steps older than `keepMs` are dropped. */
export function createGrowth(keepMs: number): Growth {
  const rows = new Map<string, Row>();
  return {
    sample(nowMs, counters) {
      for (const key of rows.keys()) if (!counters.has(key)) rows.delete(key);
      for (const [key, value] of counters) {
        const row = rows.get(key);
        if (row) grow(row, value, nowMs, keepMs);
        else rows.set(key, { seen: value, steps: [] });
      }
    },
    within(key, overMs, nowMs) {
      const row = rows.get(key);
      if (!row) return undefined;
      let total = 0;
      for (const { atMs, by } of row.steps) if (atMs > nowMs - overMs) total += by;
      return total;
    },
  };
}

/** A counter that shrank started anew. */
function grow(row: Row, value: number, nowMs: number, keepMs: number): void {
  const by = value >= row.seen ? value - row.seen : value;
  row.seen = value;
  if (by > 0) row.steps.push({ atMs: nowMs, by });
  while (row.steps.length > MOST_STEPS || (row.steps[0]?.atMs ?? Infinity) <= nowMs - keepMs) {
    row.steps.shift();
  }
}
