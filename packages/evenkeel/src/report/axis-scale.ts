/**
 * Where values stand on an axis. What is not linear is placed here, so that whatever draws needs to
 * know straight axes only: a position, a range of positions, and labelled ticks.
 */
import type { Axis } from "./page.ts";

/** From the lowest to the highest position shown; never empty. */
export type Range = readonly [low: number, high: number];
/** A position and what is written there. */
export type Tick = readonly [position: number, label: string];

/** How far beyond the last finite percentile 100 stands, in nines: infinitely many can't be drawn. */
const BEYOND = 0.7;

/** The position of each value: itself, its decimal logarithm, or its number of nines (0 is 0, 90 is
 * 1, 99 is 2). Undefined where the axis has no place for it: not finite, not above 0 on a log axis,
 * not a percentage on a percentile axis. */
export function placeValues(
  scale: Axis["scale"],
  values: readonly (number | undefined)[],
): (number | undefined)[] {
  const finite = values.map((value) => (Number.isFinite(value) ? value : undefined));
  if (scale === "log") {
    return finite.map((v) => (v === undefined || v <= 0 ? undefined : Math.log10(v)));
  }
  return scale === "percentile" ? placePercentiles(finite) : finite;
}

function placePercentiles(values: readonly (number | undefined)[]): (number | undefined)[] {
  const nines = values.map((value) =>
    value === undefined || value < 0 || value > 100 ? undefined : ninesOf(value),
  );
  const last = nines.reduce<number>(
    (most, at) => (at === undefined || at === Infinity ? most : Math.max(most, at)),
    0,
  );
  return nines.map((at) => (at === Infinity ? last + BEYOND : at));
}

/** 99 is 2, 99.9 is 3: rounded, since 100 - 99.9 is not quite 0.1. */
const ninesOf = (percent: number): number =>
  percent === 100 ? Infinity : round(2 - Math.log10(100 - percent), 6);

/** The range that shows all positions. `fromZero` keeps the foot of the axis in it, as values need
 * that are to be compared by height; a little room is left above. */
export function rangeOf(
  scale: Axis["scale"],
  positions: Iterable<number | undefined>,
  fromZero: boolean,
): Range {
  let low = Infinity;
  let high = -Infinity;
  for (const at of positions) {
    if (at === undefined) continue;
    low = Math.min(low, at);
    high = Math.max(high, at);
  }
  if (low > high) return [0, 1];
  if (scale === "log") return logRange(low, high, fromZero);
  if (!fromZero) return low < high ? [low, high] : [low - 0.5, low + 0.5];
  const withRoom = (at: number): number =>
    scale === "percentile" ? at : Number((at * 1.05).toPrecision(6));
  const foot = Math.min(0, withRoom(low));
  const top = Math.max(0, withRoom(high));
  return foot < top ? [foot, top] : [0, 1];
}

/** Ends at a 1, 2 or 5; a bar of the least value still has a height. */
function logRange(low: number, high: number, fromZero: boolean): Range {
  if (!fromZero) return low < high ? [low, high] : [low - 0.3, low + 0.3];
  const steps = logSteps(low - 0.5, high + 0.8);
  const foot = steps.findLast(([at]) => at < low - 1e-9);
  const top = steps.find(([at]) => at >= high - 1e-9);
  return [foot?.[0] ?? low - 0.3, top?.[0] ?? high + 0.3];
}

/** The labelled ticks of a range, those first that should stay where there is no room for all;
 * undefined for a linear axis, which is divided when drawn. `hundredAt` is where 100 % stands. */
export function ticksOf(
  scale: Axis["scale"],
  [low, high]: Range,
  hundredAt?: number,
): Tick[] | undefined {
  const shown = ([at]: Tick): boolean => at >= low - 1e-9 && at <= high + 1e-9;
  if (scale === "percentile") return percentileTicks(high, hundredAt).filter(shown);
  if (scale !== "log") return undefined;
  const all = logSteps(low, high).filter(shown);
  const isPower = ([at]: Tick): boolean => Number.isInteger(at);
  const every = Math.ceil((high - low) / 8);
  const powers = all.filter((tick) => isPower(tick) && tick[0] % every === 0);
  return high - low > 2 ? powers : [...powers, ...all.filter((tick) => !isPower(tick))];
}

function percentileTicks(high: number, hundredAt: number | undefined): Tick[] {
  const ticks: Tick[] = hundredAt === undefined ? [] : [[hundredAt, "100"]];
  const end = Math.min(high, hundredAt ?? high);
  for (let nines = 0; nines <= end; nines++) ticks.push([nines, percentileLabel(nines)]);
  return ticks;
}

function percentileLabel(nines: number): string {
  if (nines === 0) return "0";
  return nines <= 2 ? "9".repeat(nines).padEnd(2, "0") : `99.${"9".repeat(nines - 2)}`;
}

/** 1, 2 and 5 of each decade that touches the range. */
function logSteps(low: number, high: number): Tick[] {
  const ticks: Tick[] = [];
  for (let decade = Math.floor(low); decade <= Math.ceil(high); decade++) {
    for (const digit of [1, 2, 5]) {
      const at = digit === 1 ? decade : decade + round(Math.log10(digit), 6);
      ticks.push([at, powerLabel(digit, decade)]);
    }
  }
  return ticks;
}

function powerLabel(digit: number, decade: number): string {
  if (decade < -3 || decade > 6) return `${digit}e${decade}`;
  return Number(`${digit}e${decade}`).toLocaleString("en", { maximumFractionDigits: 3 });
}

/** Rounds to so many decimals. */
export function round(value: number, decimals: number): number {
  const factor = 10 ** decimals;
  return Math.round(value * factor) / factor;
}
