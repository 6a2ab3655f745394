/** The page's own script: draws a chart when it comes into view and keeps it fitting its place. */
import { markLanes } from "./mark-lanes.ts";

/** Plain JavaScript for the reader's window; `uPlot` must be there. It knows the page by these
 * classes: a `.chart` holds a `.plot`, its `ChartData` as JSON, one `output` for the x axis and one
 * per series in their order, and `.marks` that are shown where the labels don't fit above it. */
export const chartScript = `(() => {
"use strict";
${markLanes.toString()}
const LANES = 3, LANE_PX = 15;
const root = document.documentElement, style = getComputedStyle(root);
const colour = (name) => style.getPropertyValue("--" + name).trim();
const font = "12px system-ui, sans-serif";
const plots = new Map();

const format = (options) => new Intl.NumberFormat("en", options).format;
const whole = format({ maximumFractionDigits: 0 });
const short = format({ maximumSignificantDigits: 4 });
const exact = format({ maximumFractionDigits: 6 });
const say = (v) => v == null ? "none" : Math.abs(v) >= 1000 ? whole(v) : short(v);

function barPaths(data, series) {
  return (u, index) => {
    const fill = new Path2D();
    const axis = data[series.axis];
    const y = (v) => Math.round(u.valToPos(v, series.axis, true));
    const x = (v) => u.valToPos(v, "x", true);
    const foot = y(axis.ticks ? axis.range[0] : Math.max(0, axis.range[0]));
    const room = x(data.x.range[0] + data.x.step) - x(data.x.range[0]);
    const zoom = (data.x.range[1] - data.x.range[0]) / (u.scales.x.max - u.scales.x.min);
    const all = room > 0 ? room : u.bbox.width * zoom;
    // Narrow bars touch; the hair more keeps rounding from parting them.
    const each = all > 6 ? Math.min(all * 0.8, 60 * devicePixelRatio) / data.slots : all / data.slots + 0.05;
    for (let i = 0; i < u.data[0].length; i++) {
      const v = u.data[index][i];
      if (v == null) continue;
      const from = x(u.data[0][i]) + (series.slot - data.slots / 2) * each;
      const left = Math.round(from), right = Math.max(left + 1, Math.round(from + each));
      const top = y(v);
      fill.rect(left, Math.min(top, foot), right - left, Math.abs(foot - top));
    }
    return { stroke: null, fill, clip: null, band: null, gaps: null, flags: 0 };
  };
}

function seriesOptions(data, series) {
  const paint = () => colour(series.colour);
  const common = { scale: series.axis, stroke: paint, spanGaps: series.joinGaps, points: { show: false } };
  if (series.style === "bars") return { ...common, width: 0, fill: paint, paths: barPaths(data, series) };
  const dots = { size: 6, width: 1, stroke: paint, fill: paint };
  if (series.style === "points") return { ...common, width: 0, paths: () => null, points: { ...dots, show: true } };
  return { ...common, width: 2, dash: series.dashed ? [6, 4] : undefined, points: { ...dots, space: 24 } };
}

function ticksIn(u, ticks, key) {
  const { min, max } = u.scales[key];
  const shown = [];
  for (const [at, label] of ticks) {
    if (at < min || at > max) continue;
    const half = key === "x" ? label.length * 3.6 + 3 : 8;
    const from = u.valToPos(at, key) - half, to = from + 2 * half;
    if (shown.every((other) => to <= other.from || from >= other.to)) shown.push({ at, from, to });
  }
  return shown.map((tick) => tick.at).sort((a, b) => a - b);
}

function axisOptions(key, axis, side, sizes) {
  const common = {
    scale: key, side, font, show: axis != null,
    stroke: () => colour("muted"),
    grid: { show: key === "left" || key === "x" , stroke: () => colour("grid"), width: 1 },
    ticks: { stroke: () => colour("grid"), width: 1, size: 4 },
    gap: 4,
  };
  const scaled = axis && axis.ticks
    ? { splits: (u) => ticksIn(u, axis.ticks, key), values: (u, at) => at.map((v) => (axis.ticks.find((t) => t[0] === v) || [0, ""])[1]) }
    : { values: (u, at) => at.map((v) => v == null ? "" : exact(v)) };
  if (key === "x") return { ...common, ...scaled, size: 26, space: 64, label: axis.label || undefined, labelFont: font, labelSize: 16, labelGap: 0 };
  return { ...common, ...scaled, space: 32, size: (u, labels) => sizes[key] = 14 + 7 * Math.max(1, ...(labels || []).map((l) => (l || "").length)) };
}

function layMarks(u, data, from, wide) {
  const within = data.marks.filter((m) => m.at >= u.scales.x.min && m.at <= u.scales.x.max);
  const ratio = devicePixelRatio;
  const at = within.map((m) => from + (m.at - u.scales.x.min) / (u.scales.x.max - u.scales.x.min) * wide);
  u.ctx.font = font.replace("12", 12 * ratio);
  const lay = (labels) => {
    const widths = labels.map((l) => u.ctx.measureText(l).width / ratio);
    const lanes = markLanes(at, widths, from + wide);
    return { marks: within, labels, widths, lanes, count: lanes.reduce((n, l) => Math.max(n, l.lane + 1), 0) };
  };
  const named = lay(within.map((m) => m.label));
  return { ...(named.count <= LANES ? named : lay(within.map((m) => String(data.marks.indexOf(m) + 1)))), numbered: named.count > LANES };
}

function drawMarks(u, figure, laid) {
  const { ctx, bbox } = u, ratio = devicePixelRatio;
  figure.classList.toggle("numbered", laid.numbered);
  ctx.save();
  ctx.font = font.replace("12", 12 * ratio);
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  ctx.lineWidth = ratio;
  const top = ({ lane }) => bbox.top + (Math.min(lane, LANES) - Math.min(laid.count, LANES)) * LANE_PX * ratio;
  const stroke = (x, from, to, dash) => {
    ctx.setLineDash(dash);
    ctx.beginPath();
    ctx.moveTo(x, from);
    ctx.lineTo(x, to);
    ctx.stroke();
  };
  laid.marks.forEach((mark, i) => {
    const x = Math.round(u.valToPos(mark.at, "x", true)) + 0.5;
    ctx.strokeStyle = colour(mark.tone + "-ink");
    stroke(x, top(laid.lanes[i]) + 2 * ratio, bbox.top, []);
    stroke(x, bbox.top, bbox.top + bbox.height, [4 * ratio, 3 * ratio]);
  });
  // Labels come last, on a ground of their own: lines of other marks may pass behind them.
  laid.marks.forEach((mark, i) => {
    const { left, lane } = laid.lanes[i], y = top(laid.lanes[i]);
    if (lane >= LANES) return;
    ctx.fillStyle = colour("card");
    ctx.fillRect((left - 1) * ratio, y + ratio, (laid.widths[i] + 2) * ratio, (LANE_PX - 2) * ratio);
    ctx.fillStyle = colour(mark.tone + "-ink");
    ctx.fillText(laid.labels[i], left * ratio, y + LANE_PX * ratio / 2);
  });
  ctx.restore();
}

function draw(figure) {
  if (plots.has(figure)) return;
  const box = figure.querySelector(".plot");
  const data = JSON.parse(figure.querySelector("script").textContent);
  const outputs = [...figure.querySelectorAll("output")];
  const at = data.x.at, first = at[0], last = at[at.length - 1];
  const group = figure.parentElement.dataset.sync;
  const bars = data.series.map((s) => s.style === "bars");
  const sizes = { left: 16, right: 16 };
  let reserved = { count: 0 };
  const plot = new uPlot({
    width: box.clientWidth, height: box.clientHeight,
    legend: { show: false },
    cursor: {
      y: false, points: { size: (u, i) => bars[i - 1] ? 0 : 8, fill: (u, i) => colour(data.series[i - 1].colour) },
      ...(group && { sync: { key: group } }),
    },
    padding: [(u) => {
      if (u.scales.x.min != null) reserved = layMarks(u, data, sizes.left, u.width - sizes.left - sizes.right);
      return 8 + Math.min(reserved.count, LANES) * LANE_PX;
    }, null, null, null],
    scales: {
      x: { time: false, range: (u, a, b) => a === first && b === last ? data.x.range : [a, b] },
      left: { range: data.left ? data.left.range : [0, 1] },
      right: { range: data.right ? data.right.range : [0, 1] },
    },
    axes: [["x", 2], ["left", 3], ["right", 1]].map(([key, side]) => axisOptions(key, data[key], side, sizes)),
    series: [{}, ...data.series.map((s) => seriesOptions(data, s))],
    hooks: {
      draw: [(u) => {
        const laid = layMarks(u, data, u.bbox.left / devicePixelRatio, u.bbox.width / devicePixelRatio);
        drawMarks(u, figure, laid.count > reserved.count ? reserved : laid);
      }],
      setCursor: [(u) => {
        const i = u.cursor.idx;
        outputs.forEach((output) => { output.textContent = ""; });
        if (i == null) return;
        outputs[0].textContent = exact((data.x.values || at)[i]);
        for (const s of data.series) outputs[s.index + 1].textContent = say((s.values || s.at)[i]);
      }],
    },
  }, [at, ...data.series.map((s) => s.at)], box);
  plots.set(figure, plot);
  fits.observe(box);
}

const fit = (figure) => {
  const plot = plots.get(figure), box = figure.querySelector(".plot");
  if (box.clientWidth > 0) plot.setSize({ width: box.clientWidth, height: box.clientHeight });
};
const fits = new ResizeObserver((all) => all.forEach((e) => fit(e.target.closest(".chart"))));
const seen = new IntersectionObserver((all) => all.forEach((e) => {
  if (!e.isIntersecting) return;
  seen.unobserve(e.target);
  draw(e.target);
}), { rootMargin: "400px" });
const figures = [...document.querySelectorAll(".chart")].filter((f) => f.querySelector(".plot"));
figures.forEach((f) => seen.observe(f));

const repaint = () => plots.forEach((plot) => plot.redraw(false, true));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);

let folded = [];
addEventListener("beforeprint", () => {
  root.classList.add("paper");
  folded = [...document.querySelectorAll("details:not([open])")];
  folded.forEach((d) => { d.open = true; });
  figures.forEach((f) => { draw(f); fit(f); });
  repaint();
});
addEventListener("afterprint", () => {
  root.classList.remove("paper");
  folded.forEach((d) => { d.open = false; });
  plots.forEach((plot, f) => fit(f));
  repaint();
});

const unfold = () => {
  const section = location.hash && document.getElementById(location.hash.slice(1));
  const details = section && section.querySelector("details");
  if (details) details.open = true;
};
addEventListener("hashchange", unfold);
unfold();
})();`;
