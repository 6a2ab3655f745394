/** A command line in one text, cut into a program and its arguments as a shell would cut it. */

/** Blanks part words; single quotes keep everything, double quotes everything but `\"` and `\\`; a
 * backslash keeps the next character. Nothing is expanded. Undefined where a quote is not closed or
 * nothing follows a backslash. */
export function splitCommand(line: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let at = 0; at < line.length; at++) {
    const character = line[at]!;
    if (character === quote) quote = "";
    else if (character === "\\" && quote !== "'") {
      const next = line[++at];
      if (next === undefined) return undefined;
      const isKept = quote === '"' && next !== '"' && next !== "\\";
      word = (word ?? "") + (isKept ? `\\${next}` : next);
    } else if (quote !== "") word += character;
    else if (character === "'" || character === '"') {
      quote = character;
      word ??= "";
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? "") + character;
  }
  if (quote !== "") return undefined;
  return word === undefined ? words : [...words, word];
}
