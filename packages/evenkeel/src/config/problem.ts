/** What is wrong with a configuration, and how it is told. */

/** One broken rule, or one warning. Never holds a secret: `got` is what was written in the file
 * (before variables are filled in), and secrets are hidden in both `got` and `excerpt`. */
export interface Problem {
  /** The file's name as it was given. */
  readonly file: string;
  /** From 1; 0 where the problem is the file itself. */
  readonly line: number;
  readonly column: number;
  /** Such as `routes[0].upstream`; empty for the whole file. */
  readonly path: string;
  /** The rule that is broken, in plain words. */
  readonly rule: string;
  /** What was written there; undefined where that says nothing. */
  readonly got: string | undefined;
  /** What may have been meant, or what to do. */
  readonly hint: string | undefined;
  /** The line of the file; undefined where there is none. */
  readonly excerpt: string | undefined;
}

/** One block per problem: a line an editor can jump to, the line of the file and a caret below. */
export function formatProblems(problems: readonly Problem[]): string {
  return problems.map(formatProblem).join("\n");
}

/** The first line of a problem's block. */
export function summarizeProblem(problem: Problem): string {
  const at = problem.line > 0 ? `:${problem.line}:${problem.column}` : "";
  const path = problem.path === "" ? "" : ` ${problem.path}:`;
  const got = problem.got === undefined ? "" : `; got ${problem.got}`;
  const hint = problem.hint === undefined ? "" : `; ${problem.hint}`;
  const colon = path === "" ? ":" : "";
  return visible(`${problem.file}${at}${colon}${path} ${problem.rule}${got}${hint}`);
}

/** What a file holds must not steer the terminal it is shown on: control characters become pictures
 * of themselves, one column each, and what turns the direction of text the replacement character. */
function visible(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, (character) => {
    const code = character.charCodeAt(0);
    if (character === "\t") return " ";
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : code === 0x7f ? "\u2421" : "\ufffd";
  });
}

const widest = 110;

function formatProblem(problem: Problem): string {
  const summary = summarizeProblem(problem);
  if (problem.excerpt === undefined) return summary;
  const gutter = String(problem.line).padStart(5);
  // A long line is shown around the column, so that the caret stays on the screen.
  const from = problem.column > widest - 20 ? problem.column - 40 : 0;
  const shown = visible(problem.excerpt.slice(from, from + widest));
  const caret = " ".repeat(Math.max(0, problem.column - 1 - from));
  return `${summary}\n${gutter} | ${shown}\n${" ".repeat(5)} | ${caret}^`;
}

/** In the order of the file. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  return problems.toSorted((one, other) => one.line - other.line || one.column - other.column);
}
