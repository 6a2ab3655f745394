/**
 * The laboratory's command line.
 */
import { parseArgs } from "node:util";

/** What was asked for. */
export interface Arguments {
  /** Ids or families; empty for all. */
  readonly products: readonly string[];
  /** Names; empty for all. */
  readonly scenarios: readonly string[];
  readonly ratePerSecond: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  /** Runs of a cell until one was not disturbed by the machine. */
  readonly tries: number;
  readonly json: string | undefined;
  readonly html: string | undefined;
  /** Results of earlier runs to be shown with this one's. */
  readonly add: readonly string[];
  /** Leaves the priority as it is. */
  readonly polite: boolean;
  readonly list: boolean;
  readonly help: boolean;
}

/** Printed by --help. */
export const USAGE = `npm run lab -- [options]

Runs faults against Evenkeel, nginx, HAProxy and Caddy, and tells what clients see.

  --products a,b   evenkeel, nginx, haproxy, caddy, or single variants (all)
  --scenarios a,b  only these (all); see --list
  --rate N         requests per second (500)
  --seconds N      length of each record (14); faults keep their share of it
  --warm-up N      seconds of load before the record (2)
  --tries N        repeats a run while the client itself was late, so often (2)
  --quick          5 seconds, 1 second of warm-up, 1 try: to see that it works, not to quote
  --json FILE      writes all results, with a timeline of every run
  --html FILE      writes them as one page with charts
  --add FILE,...   adds results of earlier JSON files; what is measured now replaces them. With
                   --scenarios none nothing is measured
  --polite         does not take precedence over other work on the machine
  --list           names products and scenarios
  --help           this text

Exit code: 0 when everything was measured, 1 when something could not be, 2 for wrong usage.`;

/** Throws on what it doesn't know. */
export function parseArguments(argv: readonly string[]): Arguments {
  const { values } = parseArgs({ args: [...argv], options });
  const quick = values.quick;
  return {
    products: listed(values.products),
    scenarios: listed(values.scenarios),
    ratePerSecond: bounded("rate", values.rate, 500, 1, 10_000),
    seconds: bounded("seconds", values.seconds, quick ? 5 : 14, 1, 600),
    warmUpSeconds: bounded("warm-up", values["warm-up"], quick ? 1 : 2, 0, 60),
    tries: bounded("tries", values.tries, quick ? 1 : 2, 1, 10),
    json: values.json,
    html: values.html,
    add: listed(values.add),
    polite: values.polite,
    list: values.list,
    help: values.help,
  };
}

const text = { type: "string" } as const;
const flag = { type: "boolean", default: false } as const;
const options = {
  products: text,
  scenarios: text,
  rate: text,
  seconds: text,
  "warm-up": text,
  tries: text,
  json: text,
  html: text,
  add: text,
  quick: flag,
  polite: flag,
  list: flag,
  help: flag,
} as const;

function listed(text: string | undefined): string[] {
  return (text ?? "").split(",").filter((name) => name !== "");
}

/** A whole number within bounds. */
function bounded(
  name: string,
  text: string | undefined,
  otherwise: number,
  least: number,
  most: number,
): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new Error(`--${name} must be a whole number from ${least} to ${most}`);
  }
  return value;
}
