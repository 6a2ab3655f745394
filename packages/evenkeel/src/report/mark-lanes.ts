/**
 * Places the labels of vertical marks above a chart. Runs in the reader's window, where the widths
 * are known: the page carries this function's text, so it may use nothing but its arguments.
 *
 * `at` are the marks' positions, ascending, `widths` their labels' and `right` the chart's right
 * edge, all in one unit. A label stands right of its mark, or left of it where the edge is near.
 * Labels that would touch get lanes of their own, 0 uppermost.
 */
export function markLanes(
  at: readonly number[],
  widths: readonly number[],
  right: number,
): { left: number; lane: number }[] {
  const ends: number[] = [];
  return at.map((x, index) => {
    const width = widths[index] ?? 0;
    const left = x + 4 + width > right ? Math.max(0, x - 4 - width) : x + 4;
    let lane = ends.findIndex((end) => end + 6 <= left);
    if (lane < 0) lane = ends.length;
    ends[lane] = left + width;
    return { left, lane };
  });
}
