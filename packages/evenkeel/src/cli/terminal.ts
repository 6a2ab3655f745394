/** What commands read from and write to, so that tests can listen. */
export interface Terminal {
  /** A line to standard output. */
  readonly print: (line: string) => void;
  /** A line to standard error. */
  readonly warn: (line: string) => void;
  /** `columns` and `rows` are there for a terminal only. */
  readonly stdout: { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number };
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The process's own. */
export const processTerminal: Terminal = {
  print: (line) => void process.stdout.write(`${line}\n`),
  warn: (line) => void process.stderr.write(`${line}\n`),
  stdout: process.stdout,
  environment: process.env,
};
