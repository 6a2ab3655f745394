/**
 * The corpus is written as text, one message per paragraph:
 *
 *     # what it is about | where the idea is from
 *     GET / HTTP/1.1\r\nHost: a.example\r\n
 *     \r\n
 *     => GET / a.example none keep
 *
 * The lines in the middle are the message; line breaks between them are not part of it. Escapes are
 * \r \n \t \\ and \xNN; `{a*300}` is three hundred times what stands before the star. Behind the
 * arrow is the expected verdict as `read-message.ts` words it: `refused CODE`, `incomplete`, or the
 * facts. A response whose request was HEAD has `(HEAD)` in its title.
 */
import {
  type Reason,
  reason,
  type ReasonCode,
} from "../../packages/evenkeel/src/errors/catalogue.ts";

export interface CorpusCase {
  readonly name: string;
  /** A specification's section, a published attack, or "own". */
  readonly source: string;
  readonly bytes: Buffer;
  /** The verdict in words. */
  readonly expected: string;
  /** The refusal's reason; undefined where the message is accepted or incomplete. */
  readonly refusal: Reason | undefined;
  readonly requestWasHead: boolean;
}

/** Reads paragraphs of the notation above. Throws on anything it can't read. */
export function corpus(paragraphs: string): readonly CorpusCase[] {
  return paragraphs
    .trim()
    .split(/\n\s*\n/)
    .map((paragraph) => readCase(paragraph.split("\n").map((line) => line.trim())));
}

function readCase(lines: readonly string[]): CorpusCase {
  const [title = "", ...rest] = lines;
  const verdict = rest.pop() ?? "";
  if (!title.startsWith("# ") || !verdict.startsWith("=> ")) {
    throw new Error(`not a corpus case: ${lines.join(" / ")}`);
  }
  const [name = "", source = "own"] = title.slice(2).split(" | ");
  const expected = repeat(verdict.slice(3));
  const code = /^refused (\w+)$/.exec(expected)?.[1] as ReasonCode | undefined;
  if (code !== undefined && reason[code] === undefined) throw new Error(`no reason ${code}`);
  return {
    name,
    source,
    bytes: Buffer.from(unescape(rest.join("")), "latin1"),
    expected,
    refusal: code === undefined ? undefined : reason[code],
    requestWasHead: name.includes("(HEAD)"),
  };
}

/** Repetitions may stand within repetitions: the inner ones are written out first. */
function repeat(text: string): string {
  const written = text.replace(/\{([^{}]*)\*(\d+)\}/g, (_, part: string, times: string) =>
    part.repeat(Number(times)),
  );
  return written === text ? text : repeat(written);
}

function unescape(text: string): string {
  return repeat(text).replace(
    /\\(?:x([0-9a-fA-F]{2})|([rnt\\]))/g,
    (_, hex?: string, letter?: string) =>
      hex === undefined ? letters[letter ?? ""]! : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

const letters: Readonly<Record<string, string>> = { r: "\r", n: "\n", t: "\t", "\\": "\\" };
