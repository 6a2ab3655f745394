/**
 * What a reader must know to believe the numbers.
 */
import type { Machine } from "../../../bench/src/measure/machine.ts";
import type { Results } from "../metrics/verdicts.ts";
import type { Family } from "../products/product.ts";
import type { Cell } from "../run/cell.ts";
import { isDisturbed } from "../run/run-all.ts";
import { msText } from "./words.ts";

const programs: Readonly<Record<Family, string>> = {
  evenkeel: "Evenkeel",
  nginx: "nginx",
  haproxy: "HAProxy",
  caddy: "Caddy",
};

/** Machine, versions, load and dates, by name. */
export function factsOf(results: Results, machine: Machine): [name: string, value: string][] {
  const { cells } = results;
  const dates = cells.map(({ date }) => date).sort();
  return [
    [
      "measured",
      dates.length === 0 ? "nothing" : `${minute(dates[0]!)} to ${minute(dates.at(-1)!)}`,
    ],
    ["machine", `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB`],
    ["kernel", machine.kernel],
    ["Node", process.versions.node],
    ...versionsOf(results),
    ["load", distinct(cells.map(({ ratePerSecond }) => `${ratePerSecond} requests/s`))],
    ["record", distinct(cells.map(({ seconds }) => `${seconds} s`))],
    ["origins", "3 processes, 2 ms for an answer of 1 KiB"],
    ["client's own lateness", lateness(cells)],
    ["disturbed runs", `${cells.filter(isDisturbed).length} of ${cells.length}`],
  ];
}

function versionsOf({ cells, products }: Results): [string, string][] {
  return Object.entries(programs).flatMap(([family, name]): [string, string][] => {
    const ids = new Set(products.filter((one) => one.family === family).map(({ id }) => id));
    const versions = cells.filter(({ product }) => ids.has(product)).map(({ version }) => version);
    return versions.length === 0 ? [] : [[name, distinct(versions)]];
  });
}

function lateness(cells: readonly Cell[]): string {
  const p99 = Math.max(0, ...cells.map(({ summary }) => summary.lateP99Ms));
  const worst = Math.max(0, ...cells.map(({ summary }) => summary.lateWorstMs));
  return `p99 at most ${msText(p99)} ms in any run, worst ${msText(worst)} ms`;
}

function distinct(values: readonly string[]): string {
  return [...new Set(values)].join(", ");
}

function minute(date: string): string {
  return `${date.slice(0, 10)} ${date.slice(11, 16)} UTC`;
}
