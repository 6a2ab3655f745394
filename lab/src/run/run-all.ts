/**
 * Every scenario with every product, one after the other: they must not disturb each other.
 */
import type { Product } from "../products/product.ts";
import type { Scenario } from "../scenarios/scenario.ts";
import type { Cell } from "./cell.ts";
import { type Progress, runCell } from "./run-cell.ts";

/** What to run. */
export interface RunOptions {
  readonly scenarios: readonly Scenario[];
  readonly products: readonly Product[];
  readonly ratePerSecond: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly tries: number;
  readonly signal: AbortSignal;
}

/** A cell under way. */
export interface Place {
  readonly scenario: Scenario;
  readonly product: Product;
  /** From 0. */
  readonly index: number;
  readonly of: number;
}

/** Told what happens. */
export interface Listener {
  progress(place: Place, progress: Progress): void;
  finished(place: Place, cell: Cell): void;
  failed(place: Place, error: unknown): void;
  /** All products have been through it. */
  scenarioDone(scenario: Scenario, cells: readonly Cell[]): void;
}

/** So late, the client was disturbed by something else on the machine; so long without a processor,
 * the product or an origin was. */
const DISTURBED_P99_MS = 15;
const DISTURBED_WORST_MS = 50;

/** Runs all cells and returns those that could be measured; the rest was told to the listener. Ends
 * early, with what there is, when the signal says so. */
export async function runAll(options: RunOptions, listener: Listener): Promise<Cell[]> {
  const { scenarios, products, signal } = options;
  const all: Cell[] = [];
  for (const [row, scenario] of scenarios.entries()) {
    const cells: Cell[] = [];
    for (const [column, product] of products.entries()) {
      const index = row * products.length + column;
      const place = { scenario, product, index, of: scenarios.length * products.length };
      try {
        const cell = await runUndisturbed(options, place, listener);
        cells.push(cell);
        listener.finished(place, cell);
      } catch (error) {
        if (signal.aborted) return [...all, ...cells];
        listener.failed(place, error);
      }
    }
    all.push(...cells);
    listener.scenarioDone(scenario, cells);
  }
  return all;
}

/** Repeats a run that the machine disturbed; of several such the least disturbed one counts. What the
 * product did has no say in it. */
async function runUndisturbed(
  options: RunOptions,
  place: Place,
  listener: Listener,
): Promise<Cell> {
  let best: Cell | undefined;
  for (let attempt = 1; attempt <= options.tries; attempt++) {
    const cell = await runCell({
      ...options,
      ...place,
      progress: (progress) => listener.progress(place, progress),
    });
    if (!isDisturbed(cell)) return cell;
    if (!best || disturbanceMs(cell) < disturbanceMs(best)) best = cell;
  }
  const busy = `the machine was busy: somebody waited up to ${Math.round(disturbanceMs(best!))} ms for a processor`;
  return { ...best!, notes: [...best!.notes, busy] };
}

/** Whether the machine had so much else to do that the run may tell more of that than of the
 * product. */
export function isDisturbed(cell: Cell): boolean {
  return cell.summary.lateP99Ms > DISTURBED_P99_MS || disturbanceMs(cell) > DISTURBED_WORST_MS;
}

/** The longest that client, product or origins had to wait for the machine. */
export function disturbanceMs({ summary, stallMs }: Cell): number {
  return Math.max(summary.lateWorstMs, stallMs);
}
