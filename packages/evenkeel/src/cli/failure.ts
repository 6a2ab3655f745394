/** How a command ends badly. */

/** Says in one line what went wrong and what to do; the exit code is 1 where something failed at run
 * time, 2 for bad usage or configuration. */
export class Failure extends Error {
  readonly exitCode: 1 | 2;
  /** Lines to be read before the message; empty for none. */
  readonly details: string;

  constructor(exitCode: 1 | 2, message: string, details = "") {
    super(message);
    this.exitCode = exitCode;
    this.details = details;
  }
}
