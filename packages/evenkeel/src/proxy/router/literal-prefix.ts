/**
 * What every text in which an expression is found must begin with. Comparing that first is far cheaper
 * than running the expression, so that a request passes many routes with expressions quickly.
 */

const QUANTIFIERS = "?*+{";
/** Alternatives make the beginning one of several; flags and quotes can be empty, so that a
 * quantifier behind them belongs to what stands before. */
const UNCERTAIN = ["|", "(?", String.raw`\Q`];
const META = String.raw`.[]()*+?{}|^$`;

/** What a text must begin with for an expression to be found in it; empty where that is not certain,
 * as without `^` in front. Looks at the plain cases only: letters and escaped marks up to the first
 * thing that is neither. */
export function literalPrefix(pattern: string): string {
  if (!pattern.startsWith("^") || UNCERTAIN.some((mark) => pattern.includes(mark))) return "";
  let prefix = "";
  let at = 1;
  while (at < pattern.length) {
    const isEscaped = pattern.charAt(at) === "\\";
    const character = pattern.charAt(isEscaped ? at + 1 : at);
    const next = at + (isEscaped ? 2 : 1);
    if (!isLiteral(character, isEscaped)) break;
    // It may be missing altogether.
    if (next < pattern.length && QUANTIFIERS.includes(pattern.charAt(next))) break;
    prefix += character;
    at = next;
  }
  return prefix;
}

function isLiteral(character: string, isEscaped: boolean): boolean {
  if (character < "!" || character > "~") return false;
  // An escaped letter or digit is a class or a control character, an escaped mark is itself.
  if (isEscaped) return !/[\dA-Za-z]/.test(character);
  return !META.includes(character);
}
