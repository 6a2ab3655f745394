/**
 * The bench's command line.
 */
import { parseArgs } from "node:util";

/** What was asked for. */
export interface Arguments {
  /** Names of figures; empty for all. */
  readonly figures: readonly string[];
  readonly seconds: number;
  readonly rounds: number;
  /** Names of peers; empty for all. */
  readonly peers: readonly string[];
  readonly help: boolean;
}

/** Printed by --help. */
export const USAGE = `npm run bench -- [figure ...] [--seconds N] [--rounds N] [--quick] [--peers a,b]

Figures: cpu access-log large p99 idle-memory routes pick config-change supervision healing
         (all when none is named)
  --seconds N   length of each measurement (5)
  --rounds N    how often each is repeated, interleaved over the proxies (5)
  --quick       2 seconds, 1 round: to see that it works, not to quote
  --peers a,b   only these proxies, by name, any case`;

/** Throws on what it doesn't know. */
export function parseArguments(argv: readonly string[]): Arguments {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      seconds: { type: "string" },
      rounds: { type: "string" },
      peers: { type: "string" },
      quick: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  return {
    figures: positionals,
    seconds: positive("seconds", values.seconds, values.quick ? 2 : 5),
    rounds: positive("rounds", values.rounds, values.quick ? 1 : 5),
    peers: values.peers?.toLowerCase().split(",") ?? [],
    help: values.help,
  };
}

function positive(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} must be 1 or more`);
  return value;
}
