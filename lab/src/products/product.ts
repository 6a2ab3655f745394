/**
 * The contract of a balancer in the laboratory.
 */

/** The programs that take part. */
export const families = ["evenkeel", "nginx", "haproxy", "caddy"] as const;

/** One of `families`. */
export type Family = (typeof families)[number];

/** How a balancer is to be configured. */
export interface Setup {
  /** Origins on 127.0.0.1, by number. */
  readonly origins: readonly { readonly number: number; readonly port: number }[];
  /** New and recovered endpoints get their traffic little by little, where that can be had. */
  readonly slowStart: boolean;
  /** Answered in `X-Generation`, so that a change shows when it is in force. */
  readonly generation: number;
}

/** A program with one of its policies. */
export interface Product {
  /** What the command line calls it. */
  readonly id: string;
  readonly name: string;
  readonly family: Family;
  /** Picks the endpoint with the fewest requests. */
  readonly leastConnections: boolean;
  /** Sends slow requests a second time. */
  readonly hedges: boolean;
  /** Why it can't take part; undefined when it can. */
  missing(): string | undefined;
  version(): string;
  /** Resolves when it answers from its origins. */
  start(setup: Setup): Promise<RunningProduct>;
}

/** A running balancer; `await using` ends it and its supervisor. */
export interface RunningProduct extends AsyncDisposable {
  readonly port: number;
  /** Changes its configuration as its manual says to; resolves when the word is given, which may be
   * before the change is in force. */
  reconfigure(setup: Setup): Promise<void>;
  /** Kills it, all its processes; its supervisor starts it again. */
  kill(): void;
  /** Its processes now. */
  pids(): readonly number[];
  /** What it has printed. */
  log(): string;
}
