/** Makes a report into one HTML file that needs nothing else. */
import { createHash } from "node:crypto";
import { chartScript } from "./chart-script.ts";
import { htmlText, scriptText, styleText } from "./escape.ts";
import { pageStyle, withoutScriptStyle } from "./page-style.ts";
import type { Block, Page, Section } from "./page.ts";
import { readPlotLibrary } from "./plot-library.ts";
import { renderChart, renderGrid } from "./render-chart.ts";
import { renderTable } from "./render-table.ts";
import { toneSign } from "./tone-sign.ts";

/** From how many sections on a page begins with a list of them. */
const LISTED_FROM = 4;

/** Facts beyond so many characters get a line of their own. */
const LONG_FACT = 60;

/** The page as text of an HTML file, to be written as UTF-8. It asks the network for nothing and
 * forbids the browser to: only its own two scripts run. Without charts it carries no script. Reads
 * the charting library from its package, once per call. */
export function renderPage(page: Page): string {
  const anchors = anchorsOf(page.sections);
  const sections = page.sections.map((section, at) => renderSection(section, anchors[at]!, at));
  const library = hasCharts(page) ? readPlotLibrary() : undefined;
  const scripts = library ? [library.script, chartScript].map(scriptText) : [];
  const style = styleText(`${library?.style ?? ""}${pageStyle}`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policyFor(scripts)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${htmlText(page.title)}</title>
<style>${style}</style>
${library ? `<noscript><style>${withoutScriptStyle}</style></noscript>\n` : ""}</head>
<body>
${renderHeader(page)}${renderContents(page.sections, anchors)}<main>
${sections.join("")}</main>
${scripts.map((script) => `<script>${script}</script>\n`).join("")}</body>
</html>
`;
}

const hasCharts = ({ sections }: Page): boolean =>
  sections.some(({ blocks }) => blocks.some(({ kind }) => kind === "chart" || kind === "grid"));

/** Names the scripts by their digests, so that no other could run even if it got in. */
function policyFor(scripts: readonly string[]): string {
  const digests = scripts.map(
    (script) => `'sha256-${createHash("sha256").update(script).digest("base64")}'`,
  );
  const allowed = digests.length === 0 ? "'none'" : digests.join(" ");
  return `default-src 'none'; style-src 'unsafe-inline'; script-src ${allowed}`;
}

function renderHeader(page: Page): string {
  const { title, summary, verdict, facts } = page;
  const answer = verdict
    ? `<div class="verdict ${verdict.tone}">${toneSign(verdict.tone)}${htmlText(verdict.text)}</div>\n`
    : "";
  const pairs = facts.map(
    ([name, value]) =>
      `<div${value.length > LONG_FACT ? ' class="wide"' : ""}><dt>${htmlText(name)}</dt><dd>${htmlText(value)}</dd></div>\n`,
  );
  const list = pairs.length === 0 ? "" : `<dl class="facts">\n${pairs.join("")}</dl>\n`;
  const note = hasCharts(page)
    ? `<noscript><p class="empty">The charts need JavaScript; everything else is here.</p></noscript>\n`
    : "";
  return (
    `<header>\n<h1>${htmlText(title)}</h1>\n<p class="summary">${htmlText(summary)}</p>\n` +
    `${answer}${list}${note}</header>\n`
  );
}

function renderContents(sections: readonly Section[], anchors: readonly string[]): string {
  if (sections.length < LISTED_FROM) return "";
  const items = sections.map(
    ({ title }, at) => `<li><a href="#${anchors[at]!}">${htmlText(title)}</a></li>\n`,
  );
  return `<nav aria-label="Contents"><ol>\n${items.join("")}</ol></nav>\n`;
}

function renderSection({ title, collapsed, blocks }: Section, anchor: string, at: number): string {
  const head = `<h2>${htmlText(title)}</h2>`;
  const body = blocks.map((block, index) => renderBlock(block, `${at}.${index}`)).join("");
  const content =
    collapsed === undefined
      ? `${head}\n${body}`
      : `<details${collapsed ? "" : " open"}><summary>${head}</summary>\n${body}</details>\n`;
  return `<section id="${anchor}">${content}</section>\n`;
}

function renderBlock(block: Block, name: string): string {
  switch (block.kind) {
    case "text": {
      const look = block.tone ? ` class="${block.tone}"` : "";
      return `<p${look}>${toneSign(block.tone)}${htmlText(block.text)}</p>\n`;
    }
    case "table":
      return renderTable(block.table);
    case "chart":
      return renderChart(block.chart);
    case "grid":
      return renderGrid(block.charts, block.sameScale ?? false, name);
  }
}

/** One name per section: its title in letters, digits and hyphens; numbered where that is nothing
 * or taken. */
function anchorsOf(sections: readonly Section[]): string[] {
  const taken = new Set<string>();
  return sections.map(({ title }) => {
    const words = title.toLowerCase().match(/[a-z0-9]+/g) ?? ["section"];
    const base = words.join("-").slice(0, 60);
    let anchor = base;
    for (let count = 2; taken.has(anchor); count++) anchor = `${base}-${count}`;
    taken.add(anchor);
    return anchor;
  });
}
