/**
 * `npm run bench`: measures Evenkeel and its peers in turn and writes a report to bench/results.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

import { type Arguments, parseArguments, USAGE } from "./arguments.ts";
import { allFigures } from "./figures/all.ts";
import type { Context, Figure, FigureResult } from "./figures/figure.ts";
import { describeMachine } from "./measure/machine.ts";
import { type Origins, startOrigins } from "./origins.ts";
import { allPeers } from "./peers/all.ts";
import type { Peer } from "./peers/peer.ts";
import { alignedTable, barTable } from "./report/text.ts";
import { writeReport } from "./report/write.ts";

async function main(argv: readonly string[]): Promise<number> {
  let asked: Arguments;
  let figures: readonly Figure[];
  try {
    asked = parseArguments(argv);
    figures = chooseFigures(asked.figures);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return 2;
  }
  if (asked.help) {
    console.log(USAGE);
    return 0;
  }
  return (await measure(asked, figures)) ? 0 : 1;
}

/** True when every figure came through; one that fails is reported as such and the others go on. */
async function measure(asked: Arguments, figures: readonly Figure[]): Promise<boolean> {
  installPeers();
  const { seconds, rounds } = asked;
  // Engines that compile as they run need a few hundred thousand requests to get there: ten seconds,
  // since their compilers share the one processor they are given here.
  const warmupSeconds = seconds < 3 ? seconds : WARM_UP_SECONDS;
  const peers = choosePeers(asked.peers);
  const needsPeers = figures.some((figure) => figure.needsPeers);
  await using origins: Origins = needsPeers ? await startOrigins() : noOrigins;
  const results: { figure: Figure; result: FigureResult }[] = [];
  for (const figure of figures) {
    console.log(`\n== ${figure.title}`);
    const progress: Context["progress"] = (text) => console.error(`   ${figure.name}: ${text}`);
    const context = { seconds, warmupSeconds, rounds, origins, peers, progress };
    const result = await figure.run(context).catch(failed);
    results.push({ figure, result });
    print(result);
  }
  const file = writeReport({
    date: new Date(),
    machine: describeMachine(),
    versions: {
      Node: process.versions.node,
      ...Object.fromEntries(peers.map((peer) => [peer.name, peer.version()])),
    },
    settings: { seconds, rounds, "warm-up seconds": warmupSeconds },
    figures: results,
  });
  console.log(`\nwritten to ${file} (and .json)`);
  return results.every(({ result }) => result.tables.length > 0);
}

function failed(error: unknown): FigureResult {
  const reason = error instanceof Error ? error.message : String(error);
  return { tables: [], bars: [], notes: [`This figure failed: ${reason}`], raw: undefined };
}

function print(result: FigureResult): void {
  for (const table of result.tables) {
    console.log(`\n${table.title === undefined ? "" : `${table.title}\n`}${alignedTable(table)}`);
  }
  if (result.bars.length > 0) console.log(`\n${alignedTable(barTable(result.bars))}`);
  for (const note of result.notes) console.log(`- ${note}`);
}

function chooseFigures(names: readonly string[]): readonly Figure[] {
  const unknown = names.find((name) => !allFigures.some((figure) => figure.name === name));
  if (unknown !== undefined) throw new Error(`unknown figure "${unknown}"`);
  return names.length === 0 ? allFigures : allFigures.filter(({ name }) => names.includes(name));
}

function choosePeers(names: readonly string[]): Peer[] {
  return allPeers.filter((peer) => {
    if (names.length > 0 && !names.includes(peer.name.toLowerCase())) return false;
    const reason = peer.missing();
    if (reason !== undefined) console.error(`without ${peer.name}: ${reason}`);
    return reason === undefined;
  });
}

function installPeers(): void {
  const script = fileURLToPath(new URL("../../scripts/install-peers.sh", import.meta.url));
  spawnSync(script, { stdio: "inherit" });
}

const WARM_UP_SECONDS = 10;
const noOrigins: Origins = { ports: [], async [Symbol.asyncDispose]() {} };

process.exitCode = await main(process.argv.slice(2));
