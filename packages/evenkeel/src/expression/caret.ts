/** Shows where in a text something is wrong. */

const WIDEST = 100;
const BEFORE = 40;

/** The text in one line and a caret under `at`; a long text is cut to the part around it, and what
 * would move the cursor is shown as a blank. */
export function caretLines(text: string, at: number): string {
  const place = Math.max(0, Math.min(at, text.length));
  const from = place > WIDEST - BEFORE ? place - BEFORE : 0;
  const shown = text.slice(from, from + WIDEST).replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, " ");
  return `${shown}\n${" ".repeat(place - from)}^`;
}
