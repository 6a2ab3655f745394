import { describe, test } from "node:test";
import assert from "node:assert/strict";
import { chartData, colourNames, commonRanges, hasPoints } from "./chart-data.ts";
import type { Chart, Series } from "./page.ts";

const line = (values: Series["values"], more: Partial<Series> = {}): Series => ({
  label: "s",
  axis: "left",
  style: "line",
  values,
  ...more,
});

const chart = (more: Partial<Chart> = {}): Chart => ({
  title: "t",
  x: { label: "x" },
  left: { label: "y" },
  at: [1, 2, 4],
  series: [line([1, 2, 3])],
  ...more,
});

describe("a chart as data", () => {
  test("lines: positions are values, gaps are null", () => {
    const data = chartData(chart({ series: [line([1, undefined, NaN], { joinGaps: true })] }));
    assert.deepEqual(data.x.at, [1, 2, 4]);
    assert.deepEqual(data.x.range, [1, 4]);
    assert.deepEqual(data.left, { label: "y", range: [0, 1.05] });
    assert.equal(data.right, undefined);
    assert.deepEqual(data.series[0]!.at, [1, null, null]);
    assert.equal(data.series[0]!.values, undefined);
    assert.equal(data.series[0]!.joinGaps, true);
  });

  test("missing values are gaps, surplus ones are left out", () => {
    const data = chartData(chart({ series: [line([1]), line([1, 2, 3, 4])] }));
    assert.deepEqual(
      data.series.map(({ at }) => at),
      [
        [1, null, null],
        [1, 2, 3],
      ],
    );
  });

  test("piles: tops to draw, tallest first, own values to say, room for half a bar", () => {
    const style = "stacked";
    const data = chartData(
      chart({ series: [line([1, 2, 3], { style }), line([4, 4, 4], { style })] }),
    );
    assert.deepEqual(
      data.series.map(({ index, at, values, style: drawn, slot }) => ({
        index,
        at,
        values,
        drawn,
        slot,
      })),
      [
        { index: 1, at: [5, 6, 7], values: [4, 4, 4], drawn: "bars", slot: 0 },
        { index: 0, at: [1, 2, 3], values: [1, 2, 3], drawn: "bars", slot: 0 },
      ],
    );
    assert.equal(data.slots, 1);
    assert.equal(data.x.step, 1);
    assert.deepEqual(data.x.range, [0.5, 4.5]);
    assert.deepEqual(data.left?.range, [0, 7.35]);
  });

  test("bars stand side by side, a pile takes one place, lines and points none", () => {
    const styles = ["bars", "stacked", "line", "bars", "stacked", "points"] as const;
    const data = chartData(chart({ series: styles.map((style) => line([1, 1, 1], { style })) }));
    const bySeries = data.series.toSorted((one, other) => one.index - other.index);
    assert.deepEqual(
      bySeries.map(({ slot }) => slot),
      [0, 1, 0, 2, 1, 0],
    );
    assert.equal(data.slots, 3);
    assert.deepEqual(
      data.series.map(({ style }) => style),
      ["bars", "bars", "bars", "bars", "line", "points"],
    );
  });

  test("a log axis: positions are logarithms, what it can't show is a gap that is still said", () => {
    const data = chartData(
      chart({ left: { label: "ms", scale: "log" }, series: [line([1, 0, 100])] }),
    );
    assert.deepEqual(data.series[0]!.at, [0, null, 2]);
    assert.deepEqual(data.series[0]!.values, [1, 0, 100]);
    assert.ok(data.left!.ticks!.some(([at, label]) => at === 1 && label === "10"));
  });

  test("a percentile axis: 100 has a place and a tick, a point it can't show is left out", () => {
    const data = chartData(
      chart({
        x: { label: "%", scale: "percentile" },
        at: [0, 99, 100, 101],
        series: [line([1, 2, 3, 4])],
      }),
    );
    assert.deepEqual(data.x.at, [0, 2, 2.7]);
    assert.deepEqual(data.x.values, [0, 99, 100]);
    assert.deepEqual(data.x.ticks, [
      [2.7, "100"],
      [0, "0"],
      [1, "90"],
      [2, "99"],
    ]);
    assert.deepEqual(data.series[0]!.at, [1, 2, 3]);
  });

  test("the right axis is measured for itself, and works when the chart doesn't name it", () => {
    const series = [line([1, 2, 3]), line([100, 200, 300], { axis: "right" })];
    assert.deepEqual(chartData(chart({ series })).right, { label: "", range: [0, 315] });
    const named = chartData(chart({ series, right: { label: "ms", scale: "log" } }));
    assert.equal(named.right?.label, "ms");
    assert.deepEqual(named.left?.range, [0, 3.15]);
    assert.equal(chartData(chart({ series: [series[1]!] })).left, undefined);
  });

  test("marks are in order, and the axis reaches those outside the points", () => {
    const marks = [
      { at: 9, label: "late", tone: "bad" },
      { at: 3, label: "early", tone: "good" },
    ] as const;
    const data = chartData(chart({ marks }));
    assert.deepEqual(
      data.marks.map(({ at, label }) => [at, label]),
      [
        [3, "early"],
        [9, "late"],
      ],
    );
    assert.deepEqual(data.x.range, [1, 9]);
  });

  test("numbers carry no more digits than can be seen, counts all of theirs", () => {
    const data = chartData(
      chart({ at: [0.1 + 0.2, 1, 2], series: [line([1 / 3, 123456789, 0.1 + 0.2])] }),
    );
    assert.equal(data.x.at[0], 0.3);
    assert.deepEqual(data.series[0]!.at, [0.333333, 123456789, 0.3]);
  });

  test("one point has room around it", () => {
    const data = chartData(chart({ at: [5], series: [line([1], { style: "bars" })] }));
    assert.deepEqual(data.x.range, [4, 6]);
    assert.equal(data.x.step, 1);
  });
});

describe("whether there is anything to draw", () => {
  const cases = [
    { name: "points", of: chart(), has: true },
    { name: "no series", of: chart({ series: [] }), has: false },
    { name: "no points", of: chart({ at: [], series: [line([])] }), has: false },
    { name: "only gaps", of: chart({ series: [line([undefined, NaN, undefined])] }), has: false },
    { name: "values without points", of: chart({ at: [], series: [line([1])] }), has: false },
  ];
  for (const { name, of, has } of cases) test(name, () => assert.equal(hasPoints(of), has));
});

describe("ranges for several charts", () => {
  test("are the widest of each axis and replace the own ones", () => {
    const other = chart({ at: [0, 9], series: [line([1, 100]), line([1, 1], { axis: "right" })] });
    const ranges = commonRanges([chart(), other, chart({ series: [] })]);
    assert.deepEqual(ranges, { x: [0, 9], left: [0, 105], right: [0, 1.05] });
    const data = chartData(chart(), ranges);
    assert.deepEqual([data.x.range, data.left?.range, data.right], [[0, 9], [0, 105], undefined]);
  });

  test("don't exist for charts that can't be compared, or without points", () => {
    assert.equal(commonRanges([chart(), chart({ left: { label: "", scale: "log" } })]), undefined);
    assert.equal(commonRanges([chart({ series: [] })]), undefined);
    assert.ok(commonRanges([chart(), chart({ left: { label: "", scale: "linear" } })]));
  });
});

test("colours: bars take soft shades first, lines strong ones, what comes back is dashed", () => {
  const names = (of: readonly Partial<Series>[]): string[] =>
    colourNames(of.map((more) => line([], more))).map(
      ({ name, again }) => name + (again ? "*" : ""),
    );
  assert.deepEqual(
    names([
      { tone: "bad", style: "stacked" },
      { tone: "bad", style: "bars" },
      { tone: "bad" },
      {},
      { style: "bars" },
    ]),
    ["bad0", "bad1", "bad2", "hue0", "hue1"],
  );
  const nine = names(Array.from({ length: 9 }, () => ({})));
  assert.deepEqual([nine[7], nine[8]], ["hue7", "hue0*"]);
  assert.equal(
    new Set(names(Array.from({ length: 5 }, () => ({ tone: "good" as const })))).size,
    5,
  );
});
