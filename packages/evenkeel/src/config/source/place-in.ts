/** Where a character of a YAML text value stands in the file. */

/** The offset in `written` (as it stands in the file: plain, quoted or a block) of the character at
 * `at` in `value` (what YAML makes of it). Blanks count for nothing, as YAML folds them. Undefined
 * where the two do not go together: a variable was filled in, an escape was used. */
export function placeIn(written: string, value: string, at: number): number | undefined {
  let place = beginning(written);
  const passBlanks = (): void => {
    while (isBlank(written.charAt(place))) place++;
  };
  for (let index = 0; index < at; index++) {
    const wanted = value.charAt(index);
    if (isBlank(wanted)) continue;
    passBlanks();
    if (isEscape(written, place, wanted)) place++;
    if (written.charAt(place) !== wanted) return undefined;
    place++;
  }
  if (at < value.length && !isBlank(value.charAt(at))) passBlanks();
  return place;
}

/** Behind a quote, or the first line of a block (`>-`). */
function beginning(written: string): number {
  if (/^[>|]/.test(written)) return written.indexOf("\n") + 1;
  return /^["']/.test(written) ? 1 : 0;
}

/** `\"` and `\\` in double quotes, `''` in single ones. */
function isEscape(written: string, place: number, wanted: string): boolean {
  if (written.charAt(place + 1) !== wanted) return false;
  const sign = written.charAt(place);
  if (written.startsWith('"')) return sign === "\\";
  return written.startsWith("'") && sign === "'" && wanted === "'";
}

function isBlank(character: string): boolean {
  return character === " " || character === "\n" || character === "\t" || character === "\r";
}
