/**
 * What 10,000 routes cost against ten.
 */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { temporaryFolder } from "../daemon.ts";
import { measureLoaded } from "../measure/loaded.ts";
import type { Series } from "../measure/rounds.ts";
import { evenkeel } from "../peers/all.ts";
import { evenkeelConfig, startEvenkeelForBench, toRunningPeer } from "../peers/evenkeel.ts";
import { costRatio, loadTable } from "../report/load-table.ts";
import type { Context, Figure } from "./figure.ts";

const FEW = 10;
const MANY = 10_000;
const HOSTS = 100;
/** Prime to both counts, so that the walk visits every route and neighbours are far apart. */
const STRIDE = 7_919;

/** Evenkeel with both numbers of routes; the requests go round all of them. */
export const routes: Figure = {
  name: "routes",
  title: "CPU time per request with 10,000 routes against 10",
  needsPeers: true,
  async run(context) {
    const series: (Series & { samples: Series["samples"][number][] })[] = [FEW, MANY].map(
      (count) => ({ name: `${count} routes`, version: evenkeel.version(), samples: [] }),
    );
    const missing = evenkeel.missing();
    const rounds = missing === undefined ? context.rounds : 0;
    for (let round = 1; round <= rounds; round++) {
      for (const [index, count] of [FEW, MANY].entries()) {
        context.progress(`round ${round}/${context.rounds}: ${count} routes`);
        series[index]!.samples.push(await measureOnce(context, count));
      }
    }
    const measured = series.filter(({ samples }) => samples.length > 0);
    const value = costRatio(measured, `${MANY} routes`, `${FEW} routes`);
    return {
      tables: [loadTable(measured, [`${FEW} routes`])],
      bars: [{ what: "10,000 routes vs 10", value, bar: 1.1, aim: 1.02, unit: "x" }],
      notes: [
        `Route n takes host h(n mod ${HOSTS}).example and path prefix /r(n div ${HOSTS}); requests ` +
          "visit all routes in an order that jumps. The same wrk script makes them in both rows.",
        ...(missing === undefined ? [] : [missing]),
      ],
      raw: measured,
    };
  },
};

async function measureOnce(context: Context, count: number): ReturnType<typeof measureLoaded> {
  const setup = { originPorts: context.origins.ports };
  const config = { ...evenkeelConfig(setup), routes: routesOf(count) };
  const dir = temporaryFolder("routes");
  try {
    const script = join(dir, "requests.lua");
    writeFileSync(script, requestsOf(count));
    await using running = toRunningPeer(await startEvenkeelForBench(config));
    const { seconds, warmupSeconds } = context;
    return await measureLoaded(running, { seconds, warmupSeconds, script });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function routesOf(count: number): object[] {
  return Array.from({ length: count }, (_, index) => ({
    host: `h${index % HOSTS}.example`,
    path: `/r${Math.floor(index / HOSTS)}`,
    upstream: "web",
  }));
}

/** A request that no route takes would be answered 404 and counted as an error. */
function requestsOf(count: number): string {
  return `local requests, n = {}, 0
function init()
  for i = 0, ${count - 1} do
    requests[i] = wrk.format("GET", "/r" .. math.floor(i / ${HOSTS}) .. "/x",
      { Host = "h" .. (i % ${HOSTS}) .. ".example" })
  end
end
function request()
  n = (n + ${STRIDE}) % ${count}
  return requests[n]
end
`;
}
