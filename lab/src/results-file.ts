/**
 * Results as JSON: written, read again, and put together.
 */
import { readFileSync, writeFileSync } from "node:fs";

import type { Machine } from "../../bench/src/measure/machine.ts";
import type { Cell } from "./run/cell.ts";

/** A file of results. */
export interface ResultsFile {
  /** Of this form of the file. */
  readonly format: 1;
  readonly date: string;
  readonly machine: Machine;
  readonly cells: readonly Cell[];
}

/** Reads a file; throws on one of another form. */
export function readResults(file: string): ResultsFile {
  const found = JSON.parse(readFileSync(file, "utf8")) as Partial<ResultsFile>;
  if (found.format !== 1 || !Array.isArray(found.cells)) {
    throw new Error(`${file} has no results of the laboratory`);
  }
  return found as ResultsFile;
}

/** Writes a file: one line per cell, so that versions can be compared. */
export function writeResults(file: string, { cells, ...head }: ResultsFile): void {
  const start = JSON.stringify(head).slice(0, -1);
  const lines = cells.map((cell) => JSON.stringify(cell)).join(",\n");
  writeFileSync(file, `${start},"cells":[\n${lines}\n]}\n`);
}

/** All cells, each scenario and product once: of two the later list's counts. */
export function mergeCells(...lists: readonly (readonly Cell[])[]): Cell[] {
  const merged = new Map<string, Cell>();
  for (const cell of lists.flat()) merged.set(`${cell.scenario} ${cell.product}`, cell);
  return [...merged.values()];
}
