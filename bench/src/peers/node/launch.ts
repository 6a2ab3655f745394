/**
 * What the programs in this folder have in common: where to listen and which origin is next.
 */

/** `PROGRAM PORT ORIGIN_PORT,ORIGIN_PORT,…` from the command line. */
export const [port, originPorts] = [
  Number(process.argv[2]),
  (process.argv[3] ?? "").split(",").map(Number),
] as const;

const bases = originPorts.map((origin) => `http://127.0.0.1:${origin}`);
let turn = 0;

/** The origins' base URLs in turn. */
export function nextBase(): string {
  turn = turn + 1 === bases.length ? 0 : turn + 1;
  return bases[turn]!;
}

process.on("SIGTERM", () => process.exit(0));
