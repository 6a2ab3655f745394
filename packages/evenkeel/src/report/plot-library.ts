/** The charting library as text, to be carried by pages that have charts. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

/** What a page needs to draw: uPlot's script with its licence, and its style. */
export interface PlotLibrary {
  readonly script: string;
  readonly style: string;
}

/** Reads uPlot from where it is installed; throws if it isn't. */
export function readPlotLibrary(): PlotLibrary {
  const { resolve } = createRequire(import.meta.url);
  const read = (path: string): string =>
    readFileSync(resolve(`uplot/${path}`), "utf8").replaceAll("\r", "");
  const licence = read("LICENSE").trim().replaceAll("*/", "* /");
  return {
    script: `/*! uPlot\n${licence}\n*/\n${read("dist/uPlot.iife.min.js").trim()}`,
    style: read("dist/uPlot.min.css").trim(),
  };
}
