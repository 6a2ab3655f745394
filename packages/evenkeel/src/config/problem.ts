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
  return `${problem.file}${at}${colon}${path} ${problem.rule}${got}${hint}`;
}

const widest = 110;

function formatProblem(problem: Problem): string {
  const summary = summarizeProblem(problem);
  if (problem.excerpt === undefined) return summary;
  const gutter = String(problem.line).padStart(5);
  // A long line is shown around the column, so that the caret stays on the screen.
  const from = problem.column > widest - 20 ? problem.column - 40 : 0;
  const shown = problem.excerpt.slice(from, from + widest);
  const caret = " ".repeat(Math.max(0, problem.column - 1 - from));
  return `${summary}\n${gutter} | ${shown}\n${" ".repeat(5)} | ${caret}^`;
}

/** In the order of the file. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  return problems.toSorted((one, other) => one.line - other.line || one.column - other.column);
}
