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

/** So late, the client was disturbed by something else on the machine. */
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

/** Repeats a run in which the client was late; of several such the least late one counts. What the
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
    if (!best || cell.summary.lateWorstMs < best.summary.lateWorstMs) best = cell;
  }
  const late = `the client was up to ${Math.round(best!.summary.lateWorstMs)} ms late: the machine was busy`;
  return { ...best!, notes: [...best!.notes, late] };
}

/** Whether the client itself was too late to tell what the product did. */
export function isDisturbed({ summary }: Cell): boolean {
  return summary.lateP99Ms > DISTURBED_P99_MS || summary.lateWorstMs > DISTURBED_WORST_MS;
}
