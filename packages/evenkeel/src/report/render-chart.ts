/** Charts as markup: what can be read without the script, and the data for it. */
import { chartData, commonRanges, hasPoints, type ChartData, type Ranges } from "./chart-data.ts";
import { htmlText, jsonText } from "./escape.ts";
import type { Chart } from "./page.ts";
import { toneSign } from "./tone-sign.ts";

/** Pixels of a chart that names no height of its own. */
const heights = { alone: 300, inGrid: 220 } as const;

/** One chart over the width of the page; a note where it has no points. */
export function renderChart(chart: Chart): string {
  return renderFigure(chart, heights.alone, undefined);
}

/** Charts side by side. With `sameScale` they share their ranges, and pointing at one shows the
 * values of all; `group` names them within the page for that. */
export function renderGrid(charts: readonly Chart[], sameScale: boolean, group: string): string {
  if (charts.length === 0) return `<p class="empty">nothing to show</p>\n`;
  const ranges = sameScale ? commonRanges(charts) : undefined;
  const sync = sameScale ? ` data-sync="${htmlText(group)}"` : "";
  const figures = charts.map((chart) => renderFigure(chart, heights.inGrid, ranges));
  return `<div class="grid"${sync}>\n${figures.join("")}</div>\n`;
}

function renderFigure(chart: Chart, usualPx: number, ranges: Ranges | undefined): string {
  const title = `<figcaption>${htmlText(chart.title)}</figcaption>`;
  if (!hasPoints(chart)) {
    return `<figure class="chart">${title}<p class="empty">nothing to show</p></figure>\n`;
  }
  const data = chartData(chart, ranges);
  const x = `<div class="x">${htmlText(chart.x.label)} <output></output></div>`;
  const plot = `<div class="plot" style="height:${heightOf(chart, usualPx)}px"></div>`;
  const json = `<script type="application/json">${jsonText(data)}</script>`;
  const parts = [title, x, unitsOf(data), plot, legendOf(chart, data), marksOf(data), json];
  return `<figure class="chart">${parts.join("")}</figure>\n`;
}

/** Within what fits a window, so that a wrong number can't make a page of nothing. */
function heightOf({ heightPx }: Chart, usualPx: number): number {
  const wanted = heightPx !== undefined && Number.isFinite(heightPx) ? heightPx : usualPx;
  return Math.round(Math.min(1200, Math.max(100, wanted)));
}

/** The value axes' labels, above the chart, where they can be read without turning the head. */
function unitsOf({ left, right }: ChartData): string {
  const words = [left?.label ?? "", right?.label ?? ""].map(htmlText);
  if (words.every((word) => word === "")) return "";
  return `<div class="units">${words.map((word) => `<span>${word}</span>`).join("")}</div>`;
}

function legendOf(chart: Chart, data: ChartData): string {
  const bySeries = data.series.toSorted((one, other) => one.index - other.index);
  const items = chart.series.map(({ label, tone }, index) => {
    const { style, colour, dashed, axis } = bySeries[index]!;
    const look = `<i class="${style}${dashed ? " dashed" : ""}" style="--c:var(--${colour})"></i>`;
    const where = axis === "right" && data.left ? " (right)" : "";
    return `<li>${look}${toneSign(tone)}${htmlText(label)}${where}<output></output></li>`;
  });
  return `<ul class="legend">${items.join("")}</ul>`;
}

function marksOf(data: ChartData): string {
  if (data.marks.length === 0) return "";
  const items = data.marks.map(
    ({ label, tone, value }) => `<li class="${tone}">${htmlText(label)} (${value})</li>`,
  );
  return `<ol class="marks">${items.join("")}</ol>`;
}
