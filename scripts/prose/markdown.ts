/** The little of Markdown that the checks of prose need. */

/** A link or picture as written, with its line. */
export interface Link {
  readonly target: string;
  readonly line: number;
}

/** A fenced block of code with its language and the line it begins on. */
export interface Block {
  readonly language: string;
  readonly text: string;
  readonly line: number;
}

interface Line {
  readonly text: string;
  readonly number: number;
  readonly inBlock: boolean;
}

const FENCE = /^\s*```(\S*)/;
const LINK = /\[[^\]]*\]\(([^)\s]+)\)/g;
const HEADING = /^#{1,6} (.*)$/;

/** Links of a page; code is left out. */
export function linksOf(page: string): Link[] {
  return proseLines(page).flatMap(({ text, number }) =>
    [...text.replaceAll(/`[^`]*`/g, "").matchAll(LINK)].map((found) => ({
      target: found[1]!,
      line: number,
    })),
  );
}

/** The names by which headings can be linked to: GitHub's rule, repeated ones numbered. */
export function anchorsOf(page: string): Set<string> {
  const anchors = new Set<string>();
  for (const { text } of proseLines(page)) {
    const title = HEADING.exec(text)?.[1];
    if (title === undefined) continue;
    const name = slug(title);
    let unique = name;
    for (let again = 1; anchors.has(unique); again++) unique = `${name}-${again}`;
    anchors.add(unique);
  }
  return anchors;
}

/** What stands in code type within the text. */
export function codesOf(page: string): string[] {
  return proseLines(page).flatMap(({ text }) =>
    [...text.matchAll(/`([^`]+)`/g)].map((found) => found[1]!),
  );
}

/** Fenced blocks of a page. */
export function blocksOf(page: string): Block[] {
  const blocks: { language: string; text: string; line: number }[] = [];
  for (const { text, number, inBlock } of linesOf(page)) {
    if (inBlock) blocks.at(-1)!.text += `${text}\n`;
    else {
      const language = FENCE.exec(text)?.[1];
      if (language !== undefined) blocks.push({ language, text: "", line: number });
    }
  }
  return blocks.map((block) => ({ ...block, text: block.text.replace(/\s*```\s*$/, "\n") }));
}

/** The cells of every row of every table, trimmed; rules between head and rows are left out. */
export function rowsOf(page: string): string[][] {
  return proseLines(page)
    .filter(({ text }) => text.startsWith("|") && !/^[\s|:-]+$/.test(text))
    .map(({ text }) =>
      text
        .slice(1, text.lastIndexOf("|"))
        .split("|")
        .map((cell) => cell.trim()),
    );
}

/** The part of a page under one heading, up to the next of the same depth; empty without it. */
export function sectionOf(page: string, heading: string): string {
  const start = page.indexOf(`\n${heading}\n`);
  if (start < 0) return "";
  const body = page.slice(start + heading.length + 2);
  const depth = heading.slice(0, heading.indexOf(" "));
  const end = body.indexOf(`\n${depth} `);
  return end < 0 ? body : body.slice(0, end);
}

function slug(title: string): string {
  return title
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");
}

function proseLines(page: string): Line[] {
  return linesOf(page).filter(({ inBlock }) => !inBlock);
}

/** A block's last fence counts as its inside, its first does not. */
function linesOf(page: string): Line[] {
  let inBlock = false;
  return page.split("\n").map((text, index) => {
    const isFence = FENCE.test(text);
    const line = { text, number: index + 1, inBlock };
    if (isFence) inBlock = !inBlock;
    return line;
  });
}
