import { describe, test } from "node:test";
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { Script } from "node:vm";
import * as fc from "fast-check";
import type { ChartData } from "./chart-data.ts";
import type { Block, Chart, Page, Section } from "./page.ts";
import { renderPage } from "./render-page.ts";

/** A page that has everything; `word` makes each of its texts. */
function pageOf(word: () => string): Page {
  const chart = (): Chart => ({
    title: word(),
    x: { label: word(), scale: "percentile" },
    left: { label: word(), scale: "log" },
    right: { label: word() },
    at: [0, 99],
    series: [
      { label: word(), axis: "left", style: "line", values: [1, 2], tone: "good" },
      { label: word(), axis: "right", style: "stacked", values: [1, 2] },
    ],
    marks: [{ at: 90, label: word(), tone: "warn" }],
  });
  const blocks: Block[] = [
    { kind: "text", text: word(), tone: "bad" },
    {
      kind: "table",
      table: {
        caption: word(),
        columns: [
          { title: word(), align: "left" },
          { title: word(), align: "right" },
        ],
        rows: [[word(), { text: word(), tone: "good" }], [word()]],
      },
    },
    { kind: "table", table: { caption: word(), columns: [], rows: [] } },
    { kind: "chart", chart: chart() },
    { kind: "chart", chart: { ...chart(), series: [] } },
    { kind: "grid", sameScale: true, charts: [chart(), chart()] },
    { kind: "grid", charts: [] },
  ];
  return {
    title: word(),
    summary: word(),
    verdict: { text: word(), tone: "good" },
    facts: [[word(), word()]],
    sections: [
      { title: word(), blocks },
      { title: word(), collapsed: true, blocks: [] },
      { title: word(), collapsed: false, blocks: [] },
      { title: word(), blocks: [] },
    ],
  };
}

interface Read {
  /** Names of tags in order, closing ones with a slash. */
  readonly tags: string[];
  /** Text between tags, decoded. */
  readonly texts: string[];
  /** Contents of `script` elements. */
  readonly scripts: string[];
}

/** Reads markup the way a browser does: scripts and styles end at their first end tag. */
function read(html: string): Read {
  const result: Read = { tags: [], texts: [], scripts: [] };
  const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };
  let at = 0;
  while (at < html.length) {
    const tag = /<(\/?[a-z][a-z0-9]*|!doctype)([^>]*)>/iy;
    tag.lastIndex = at;
    const found = tag.exec(html);
    if (!found) {
      const next = html.indexOf("<", at + 1);
      const end = next < 0 ? html.length : next;
      const text = html.slice(at, end);
      assert.ok(!text.startsWith("<"), `a stray < at ${text.slice(0, 40)}`);
      result.texts.push(text.replace(/&([a-z0-9#]+);/g, (_, name: string) => entities[name]!));
      at = end;
      continue;
    }
    const name = found[1]!.toLowerCase();
    result.tags.push(name);
    at = tag.lastIndex;
    if (name !== "script" && name !== "style") continue;
    // Not by lower case of it all: there are letters that lower case makes longer.
    const end = at + html.slice(at).search(new RegExp(`</${name}`, "i"));
    if (name === "script") result.scripts.push(html.slice(at, end));
    at = end;
  }
  return result;
}

const plain = renderPage(pageOf(() => "word"));
const section = (title: string, ...blocks: Block[]): Section => ({ title, blocks });
const minimal: Page = { title: "T", summary: "S", verdict: undefined, facts: [], sections: [] };

describe("whatever the texts are", () => {
  const hostile = fc
    .array(
      fc.oneof(
        fc.constantFrom(
          "<b>",
          "</script>",
          "<script>alert(1)</script>",
          "<!--",
          "-->",
          '"',
          "'",
          ">",
        ),
        fc.constantFrom("</title>", "</style>", "&amp;", "&", "\\", "${x}", "onload=", "]]>", " "),
        fc.string({ unit: "grapheme" }),
      ),
      { minLength: 1 },
    )
    .map((parts) => `x${parts.join("")}`.replaceAll("\r", ""));

  test("letters that grow in lower case do not disturb the reading", () => {
    assert.deepEqual(read(renderPage(pageOf(() => "xİ<b>"))).tags, read(plain).tags);
  });

  test("the page has the same elements, and shows the texts as they are", () => {
    const tags = read(plain).tags;
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1, maxLength: 40 }), (texts) => {
        let next = 0;
        const used = new Set<string>();
        const page = pageOf(() => {
          const text = texts[next++ % texts.length]!;
          used.add(text);
          return text;
        });
        const found = read(renderPage(page));
        assert.deepEqual(found.tags, tags);
        const shown = found.texts.join("\n");
        for (const text of used) assert.ok(shown.includes(text), `not shown: ${text}`);
      }),
      { numRuns: 60 },
    );
  });

  test("charts' data reaches the script as it is", () => {
    const page = pageOf(() => "</script><!-- <script> & \u2028");
    const data = read(renderPage(page)).scripts[0]!;
    const { marks, left } = JSON.parse(data) as ChartData;
    assert.equal(marks[0]!.label, "</script><!-- <script> & \u2028");
    assert.equal(left!.label, marks[0]!.label);
  });
});

describe("the file", () => {
  test("closes every element it opens", () => {
    const open: string[] = [];
    for (const tag of read(plain).tags) {
      if (tag === "!doctype" || tag === "meta") continue;
      if (tag.startsWith("/")) assert.equal(open.pop(), tag.slice(1));
      else open.push(tag);
    }
    assert.deepEqual(open, []);
  });

  test("lets only its own scripts run, and they are whole", () => {
    const scripts = read(plain).scripts.filter((text) => !text.startsWith("{"));
    assert.equal(scripts.length, 2);
    for (const script of scripts) {
      assert.ok(new Script(script));
      const digest = createHash("sha256").update(script).digest("base64");
      assert.ok(plain.includes(`'sha256-${digest}'`));
    }
    assert.match(scripts[0]!, /^\/\*! uPlot\nThe MIT License/);
    assert.match(plain, /content="default-src 'none'; style-src 'unsafe-inline'; script-src 'sha/);
  });

  test("names nothing of the network", () => {
    assert.doesNotMatch(plain, /\s(src|href)="(?!#)/);
    assert.doesNotMatch(plain, /@import|url\(/);
  });

  test("stays small", () => {
    const own = plain.length - read(plain).scripts.find((text) => text.startsWith("/*!"))!.length;
    assert.ok(own < 28_000, `${own} characters beside the library`);
  });

  test("carries no script when it has no charts", () => {
    const html = renderPage({ ...minimal, sections: [section("A", { kind: "text", text: "t" })] });
    assert.deepEqual(read(html).scripts, []);
    assert.match(html, /script-src 'none'/);
    assert.doesNotMatch(html, /noscript/);
    assert.ok(html.length < 12_000, `${html.length} characters`);
  });

  test("says that charts need scripts, and hides their places, where scripts don't run", () => {
    assert.match(plain, /<noscript><style>\.plot/);
    assert.match(plain, /<noscript><p[^>]*>The charts need JavaScript/);
  });
});

describe("sections", () => {
  const titled = (...titles: string[]): string =>
    renderPage({ ...minimal, sections: titles.map((title) => section(title)) });

  test("have anchors made of their titles, each its own", () => {
    const html = titled("Kill -9!", "kill 9", "Überlast", "", "日本", "kill-9-2");
    const ids = [...html.matchAll(/<section id="([^"]*)"/g)].map(([, id]) => id);
    assert.deepEqual(ids, ["kill-9", "kill-9-2", "berlast", "section", "section-2", "kill-9-2-2"]);
    const links = [...html.matchAll(/<a href="#([^"]*)"/g)].map(([, id]) => id);
    assert.deepEqual(links, ids);
  });

  test("are listed when there are more than three", () => {
    assert.doesNotMatch(titled("a", "b", "c"), /<nav/);
    assert.match(titled("a", "b", "c", "d"), /<nav aria-label="Contents">/);
  });

  test("fold when asked to", () => {
    const html = (collapsed?: boolean): string =>
      renderPage({
        ...minimal,
        sections: [{ title: "A", blocks: [], ...(collapsed === undefined ? {} : { collapsed }) }],
      });
    assert.match(html(true), /<details><summary><h2>A/);
    assert.match(html(false), /<details open><summary><h2>A/);
    assert.doesNotMatch(html(), /<details/);
  });
});

describe("blocks", () => {
  const rendered = (block: Block): string =>
    renderPage({ ...minimal, sections: [section("A", block)] });
  const chart: Chart = {
    title: "C",
    x: { label: "x" },
    left: { label: "y" },
    at: [1],
    series: [{ label: "s", axis: "left", style: "line", values: [1] }],
  };

  test("tones show without colour", () => {
    const signs = { good: "✓", bad: "✗", warn: "!" } as const;
    for (const tone of ["good", "bad", "warn"] as const) {
      const mark = `<span class="sign">${signs[tone]}</span>x`;
      assert.ok(rendered({ kind: "text", text: "x", tone }).includes(`<p class="${tone}">${mark}`));
      assert.ok(renderPage({ ...minimal, verdict: { text: "x", tone } }).includes(mark));
      const table = {
        columns: [{ title: "", align: "right" }],
        rows: [[{ text: "x", tone }]],
      } as const;
      assert.ok(rendered({ kind: "table", table }).includes(`<td class="r ${tone}">${mark}`));
      const series = [{ ...chart.series[0]!, label: "x", tone }];
      assert.ok(rendered({ kind: "chart", chart: { ...chart, series } }).includes(mark));
    }
    assert.ok(!rendered({ kind: "text", text: "x", tone: "neutral" }).includes('class="sign"'));
  });

  test("empty tables, charts and grids say so", () => {
    const empty: Block[] = [
      { kind: "table", table: { columns: [], rows: [] } },
      { kind: "chart", chart: { ...chart, at: [] } },
      { kind: "grid", charts: [] },
      { kind: "grid", charts: [{ ...chart, series: [] }] },
    ];
    for (const block of empty) assert.match(rendered(block), /nothing to show/);
    assert.match(
      rendered({ kind: "table", table: { caption: "Lost", columns: [], rows: [] } }),
      /Lost: nothing to show/,
    );
  });

  test("charts are as high as asked, within reason", () => {
    const height = (heightPx?: number): string | undefined =>
      /height:(\d+)px/.exec(
        rendered({
          kind: "chart",
          chart: { ...chart, ...(heightPx !== undefined && { heightPx }) },
        }).split("<main>")[1]!,
      )?.[1];
    const cases = [
      [undefined, "300"],
      [420.4, "420"],
      [1, "100"],
      [1e9, "1200"],
      [NaN, "300"],
    ] as const;
    for (const [asked, given] of cases) assert.equal(height(asked), given);
    assert.match(rendered({ kind: "grid", charts: [chart] }), /height:220px/);
  });

  test("charts of a grid share ranges and pointing only when asked", () => {
    const charts = [chart, { ...chart, series: [{ ...chart.series[0]!, values: [100] }] }];
    const ranges = (sameScale: boolean): number[] =>
      read(rendered({ kind: "grid", charts, sameScale }))
        .scripts.slice(0, 2)
        .map((json) => (JSON.parse(json) as ChartData).left!.range[1]);
    assert.deepEqual(ranges(true), [105, 105]);
    assert.deepEqual(ranges(false), [1.05, 105]);
    assert.match(
      rendered({ kind: "grid", charts, sameScale: true }),
      /<div class="grid" data-sync="0.0"/,
    );
    assert.match(rendered({ kind: "grid", charts }), /<div class="grid">/);
  });

  test("a short row is filled up", () => {
    const columns = [
      { title: "a", align: "left" },
      { title: "b", align: "right" },
    ] as const;
    const html = rendered({ kind: "table", table: { columns, rows: [["1"]] } });
    assert.match(html, /<tr><td>1<\/td><td class="r"><\/td><\/tr>/);
    assert.match(html, /<th scope="col">a<\/th><th scope="col" class="r">b<\/th>/);
  });
});

test("eighty charts fit into a megabyte", () => {
  const at = Array.from({ length: 200 }, (_, index) => index / 10);
  const series = (["good", "bad", "warn"] as const).map((tone) => ({
    label: tone,
    tone,
    axis: "left" as const,
    style: "stacked" as const,
    values: at.map((_, index) => (index * 7) % 50),
  }));
  const latency = at.map((moment) => 3 + Math.sin(moment));
  const chart: Chart = {
    title: "C",
    x: { label: "s" },
    left: { label: "requests" },
    right: { label: "ms", scale: "log" },
    at,
    series: [...series, { label: "p99", axis: "right", style: "line", values: latency }],
  };
  const charts = Array.from({ length: 80 }, () => chart);
  const html = renderPage({ ...minimal, sections: [section("A", { kind: "grid", charts })] });
  assert.ok(html.length < 1_000_000, `${html.length} characters`);
});
