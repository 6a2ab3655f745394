/**
 * What the page's script draws: a chart reduced to positions on straight axes, colours by name and
 * an order of painting. Everything that can be decided before there is a window is decided here.
 */
import { placeValues, rangeOf, round, ticksOf, type Range, type Tick } from "./axis-scale.ts";
import type { Axis, Chart, Series, Tone } from "./page.ts";
import { pileSeries } from "./pile-series.ts";

/** A chart as embedded in the page. All positions are in the axis' own measure (see axis-scale). */
export interface ChartData {
  readonly x: AxisData & {
    readonly at: readonly number[];
    /** What `at` stands for, where that is not itself. */
    readonly values?: readonly number[];
    /** How far apart the closest points are: the room a bar has. */
    readonly step: number;
  };
  /** Undefined where no series uses it. */
  readonly left: AxisData | undefined;
  readonly right: AxisData | undefined;
  /** In the order of painting: of a pile, the tallest first. */
  readonly series: readonly SeriesData[];
  /** Bars that stand side by side at each point; at least 1. */
  readonly slots: number;
  readonly marks: readonly MarkData[];
}

/** A vertical mark: where it stands, and the value it stands for. */
export interface MarkData {
  readonly at: number;
  readonly value: number;
  readonly label: string;
  readonly tone: Tone;
}

/** One straight axis. */
export interface AxisData {
  readonly label: string;
  readonly range: Range;
  readonly ticks?: readonly Tick[];
}

/** One series, one position per point. */
export interface SeriesData {
  /** Which series of the chart it is, for its place in the legend. */
  readonly index: number;
  readonly axis: "left" | "right";
  readonly style: "line" | "points" | "bars";
  readonly colour: string;
  readonly dashed: boolean;
  readonly joinGaps: boolean;
  /** Which of the `slots` its bars stand in; 0 for lines and points. */
  readonly slot: number;
  /** Null is a gap. */
  readonly at: readonly (number | null)[];
  /** What is said of a point, where it is not its position. */
  readonly values?: readonly (number | null)[];
}

/** The ranges of one chart's axes; undefined where nothing is measured by it. */
export interface Ranges {
  readonly x: Range | undefined;
  readonly left: Range | undefined;
  readonly right: Range | undefined;
}

/** Whether there is any point to draw. */
export function hasPoints(chart: Chart): boolean {
  return chart.series.some(({ values }) =>
    values.some((value, index) => index < chart.at.length && Number.isFinite(value)),
  );
}

/** The ranges that show all of these charts; undefined where their axes have different scales, which
 * can't be compared by eye. Charts without points don't count. */
export function commonRanges(charts: readonly Chart[]): Ranges | undefined {
  const shown = charts.filter(hasPoints);
  const scales = shown.map(({ x, left, right }) =>
    [x, left, right].map((axis) => axis?.scale ?? "linear").join(),
  );
  if (new Set(scales).size !== 1) return undefined;
  const all = shown.map((chart) => rangesOf(placeChart(chart)));
  const widest = (of: (ranges: Ranges) => Range | undefined): Range | undefined => {
    const known = all.map(of).filter((range) => range !== undefined);
    if (known.length === 0) return undefined;
    return [Math.min(...known.map(([low]) => low)), Math.max(...known.map(([, high]) => high))];
  };
  return { x: widest((r) => r.x), left: widest((r) => r.left), right: widest((r) => r.right) };
}

/** The chart as data for the page's script. `ranges` replaces the chart's own where defined. */
export function chartData(chart: Chart, ranges?: Ranges): ChartData {
  const placed = placeChart(chart);
  const own = rangesOf(placed);
  const axis = (of: Axis, range: Range | undefined, hundredAt?: number): AxisData | undefined => {
    if (!range) return undefined;
    const ticks = ticksOf(of.scale, range, hundredAt);
    return { label: of.label, range, ...(ticks && { ticks }) };
  };
  const hundredAt = placed.at[placed.values.indexOf(100)];
  return {
    x: {
      ...axis(chart.x, ranges?.x ?? own.x ?? [0, 1], hundredAt)!,
      at: placed.at.map((at) => round(at, 9)),
      ...(isStraight(chart.x) ? {} : { values: placed.values }),
      step: stepOf(placed.at),
    },
    left: axis(chart.left, own.left && (ranges?.left ?? own.left)),
    right: axis(chart.right ?? { label: "" }, own.right && (ranges?.right ?? own.right)),
    series: paintOrder(seriesData(placed)),
    slots: Math.max(1, slotsOf(chart.series).length),
    marks: placed.marks,
  };
}

/** Names of colours, one per series: its tone, or one of the plain hues in turn. Bars begin with the
 * softer shades of a tone, since they cover much, lines with the stronger ones. A name that comes
 * back is to be told apart by a dashed line. */
export function colourNames(series: readonly Series[]): { name: string; again: boolean }[] {
  const used = new Map<string, number>();
  return series.map((one) => {
    const family = one.tone ?? "hue";
    const shades = one.tone ? TONE_SHADES : HUES;
    const first = one.tone && !isBars(one) ? shades / 2 : 0;
    const before = used.get(`${family}${first}`) ?? 0;
    used.set(`${family}${first}`, before + 1);
    return { name: `${family}${(first + before) % shades}`, again: before >= shades };
  });
}

/** Shades of each tone, and hues for what has none, that the page's style defines. */
export const TONE_SHADES = 4;
export const HUES = 8;

interface Placed {
  readonly chart: Chart;
  /** Position and value of the points the x axis has a place for. */
  readonly at: readonly number[];
  readonly values: readonly number[];
  /** Per series, one per such point. */
  readonly tops: readonly (readonly (number | undefined)[])[];
  readonly said: readonly (readonly (number | undefined)[])[];
  readonly marks: readonly MarkData[];
}

/** Puts points, series and marks in their places. Points and marks are placed together, so that
 * both agree on where 100 % stands. */
function placeChart(chart: Chart): Placed {
  const marks = (chart.marks ?? []).toSorted((one, other) => one.at - other.at);
  const positions = placeValues(chart.x.scale, [...chart.at, ...marks.map(({ at }) => at)]);
  const kept = chart.at.keys().filter((index) => positions[index] !== undefined);
  const indexes = [...kept];
  const tops = pileSeries(chart.series).map((values, index) =>
    placeValues(axisOf(chart, chart.series[index]!).scale, pick(values, indexes)),
  );
  return {
    chart,
    at: indexes.map((index) => positions[index]!),
    values: indexes.map((index) => chart.at[index]!),
    tops,
    said: chart.series.map(({ values }) => pick(values, indexes)),
    marks: marks.flatMap(({ at: value, label, tone }, index) => {
      const at = positions[chart.at.length + index];
      return at === undefined ? [] : [{ at: round(at, 9), value, label, tone }];
    }),
  };
}

function rangesOf({ chart, at, tops, marks }: Placed): Ranges {
  const [low, high] = rangeOf(chart.x.scale, [...at, ...marks.map((mark) => mark.at)], false);
  const hasBars = chart.series.some(isBars);
  const margin = hasBars ? stepOf(at) / 2 : 0;
  const side = (axis: "left" | "right"): Range | undefined => {
    const of = tops.filter((_, index) => chart.series[index]!.axis === axis);
    const scale = (axis === "left" ? chart.left : chart.right)?.scale;
    return of.length === 0 ? undefined : rangeOf(scale, of.flat(), true);
  };
  return {
    x: at.length === 0 ? undefined : [low - margin, high + margin],
    left: side("left"),
    right: side("right"),
  };
}

function seriesData({ chart, tops, said }: Placed): SeriesData[] {
  const colours = colourNames(chart.series);
  const slots = slotsOf(chart.series);
  return chart.series.map((series, index): SeriesData => {
    const { style, axis } = series;
    const same = style !== "stacked" && isStraight(axisOf(chart, series));
    return {
      index,
      axis,
      style: style === "stacked" ? "bars" : style,
      colour: colours[index]!.name,
      dashed: colours[index]!.again,
      joinGaps: series.joinGaps ?? false,
      slot: Math.max(0, slots.indexOf(slotName(series, index))),
      at: tops[index]!.map(shorten),
      ...(same ? {} : { values: said[index]!.map(shorten) }),
    };
  });
}

/** Bars below lines below points; of a pile the last, tallest one first. */
function paintOrder(series: readonly SeriesData[]): SeriesData[] {
  const bars = series.filter(({ style }) => style === "bars").toReversed();
  const lines = series.filter(({ style }) => style === "line");
  return [...bars, ...lines, ...series.filter(({ style }) => style === "points")];
}

/** A pile of an axis shares one slot; every other series of bars has its own. */
function slotsOf(series: readonly Series[]): string[] {
  return [...new Set(series.map(slotName).filter((_, index) => isBars(series[index]!)))];
}

const slotName = ({ style, axis }: Series, index: number): string =>
  style === "stacked" ? axis : String(index);

const isBars = ({ style }: Series): boolean => style === "bars" || style === "stacked";

const isStraight = ({ scale }: Axis): boolean => scale === undefined || scale === "linear";

const axisOf = (chart: Chart, { axis }: Series): Axis =>
  axis === "left" ? chart.left : (chart.right ?? { label: "" });

/** The smallest distance of neighbours; 1 where there are none. */
function stepOf(at: readonly number[]): number {
  let step = Infinity;
  for (let index = 1; index < at.length; index++) {
    const distance = at[index]! - at[index - 1]!;
    if (distance > 0) step = Math.min(step, distance);
  }
  return step === Infinity ? 1 : step;
}

const pick = (values: readonly (number | undefined)[], indexes: readonly number[]) =>
  indexes.map((index) => values[index]);

/** Whole numbers as they are, others to six digits: more can't be seen and would only be carried. */
function shorten(value: number | undefined): number | null {
  if (value === undefined || !Number.isFinite(value)) return null;
  return Number.isInteger(value) ? value : Number(value.toPrecision(6));
}
