/**
 * The 99th percentile of latency at half of Evenkeel's saturation, at the same rate for the others.
 */
import { type FixedRateResult, runFixedRate } from "../load/fixed-rate.ts";
import { median, pairedRatio } from "../measure/statistics.ts";
import { runWrk } from "../measure/wrk.ts";
import { caddy, evenkeel, haproxy, nginx } from "../peers/all.ts";
import type { Peer } from "../peers/peer.ts";
import { fixed, times, whole } from "../report/numbers.ts";
import type { Context, Figure, FigureResult } from "./figure.ts";

const CONNECTIONS = 64;
/** A client this late at its 99th percentile says more about itself than about the proxy. */
const TOO_LATE_US = 500;

/** The client straight at one origin: what it and the machine add to every row. */
const noProxy: Peer = {
  name: "(no proxy)",
  hasAccessLog: false,
  missing: () => undefined,
  version: () => "",
  start: async ({ originPorts }) => ({
    port: originPorts[0]!,
    pids: () => [],
    async [Symbol.asyncDispose]() {},
  }),
};

/** Evenkeel against nginx and HAProxy at one rate. */
export const p99: Figure = {
  name: "p99",
  title: "p99 latency at half of Evenkeel's saturation, open loop",
  needsPeers: true,
  async run(context) {
    // Caddy saturates below that rate, and so do the Node proxies.
    const peers = [evenkeel, nginx, haproxy].filter((peer) => context.peers.includes(peer));
    const reference = peers[0] ?? caddy;
    const saturation = await saturationOf(context, reference);
    const rate = Math.round(saturation / 2);
    const contestants = [...peers, noProxy];
    const results = new Map<Peer, FixedRateResult[]>(contestants.map((peer) => [peer, []]));
    for (let round = 1; round <= context.rounds; round++) {
      for (const peer of contestants) {
        context.progress(`round ${round}/${context.rounds}: ${peer.name} at ${rate}/s`);
        results.get(peer)!.push(await measureOnce(context, peer, rate));
      }
    }
    return summarize(
      results,
      rate,
      `${reference.name} saturates at ${whole(saturation)} requests/s`,
    );
  },
};

async function saturationOf(context: Context, peer: Peer): Promise<number> {
  const rates: number[] = [];
  for (let round = 0; round < Math.min(3, context.rounds); round++) {
    context.progress(`saturation of ${peer.name}`);
    await using running = await peer.start({ originPorts: context.origins.ports });
    const url = `http://127.0.0.1:${running.port}/`;
    await runWrk({ url, seconds: context.warmupSeconds, connections: CONNECTIONS });
    const run = await runWrk({ url, seconds: context.seconds, connections: CONNECTIONS });
    rates.push(run.requestsPerSecond);
  }
  return median(rates);
}

async function measureOnce(context: Context, peer: Peer, rate: number): Promise<FixedRateResult> {
  await using running = await peer.start({ originPorts: context.origins.ports });
  const result = await runFixedRate({
    port: running.port,
    ratePerSecond: rate,
    seconds: context.seconds,
    warmupSeconds: context.warmupSeconds,
    connections: CONNECTIONS,
  });
  if (result.errors > 0) throw new Error(`${peer.name}: ${result.errors} requests failed`);
  return result;
}

function summarize(
  results: ReadonlyMap<Peer, readonly FixedRateResult[]>,
  rate: number,
  note: string,
): FigureResult {
  const p99s = (peer: Peer): number[] | undefined => results.get(peer)?.map(({ p99Us }) => p99Us);
  const own = p99s(evenkeel);
  const nginxs = p99s(nginx);
  const ratioTo = (peer: Peer): number | undefined =>
    nginxs && pairedRatio(p99s(peer) ?? [], nginxs);
  const late = [...results].filter(
    ([, runs]) => median(runs.map(({ latenessP99Us }) => latenessP99Us)) > TOO_LATE_US,
  );
  return {
    tables: [
      {
        columns: [
          "proxy",
          "rate/s",
          "achieved",
          "p50 ms",
          "p90 ms",
          "p99 ms",
          "p99.9 ms",
          "client late p99 ms",
          "p99 vs nginx",
        ],
        rows: [...results].map(([peer, runs]) => {
          const ms = (key: keyof FixedRateResult): string =>
            fixed(median(runs.map((run) => run[key])) / 1_000, 3);
          return [
            peer.name,
            whole(rate),
            whole(median(runs.map(({ achievedRate }) => achievedRate))),
            ms("p50Us"),
            ms("p90Us"),
            ms("p99Us"),
            ms("p999Us"),
            ms("latenessP99Us"),
            times(ratioTo(peer)),
          ];
        }),
      },
    ],
    bars: [
      {
        what: "Evenkeel vs nginx, p99 at the same rate",
        // A late client measures itself: better no verdict than a wrong one.
        value: own && nginxs && late.length === 0 ? pairedRatio(own, nginxs) : undefined,
        bar: 1.3,
        aim: 1,
        unit: "x",
      },
    ],
    notes: [
      `${note}; latency counts from when a request was due, over ${CONNECTIONS} connections.`,
      `"(no proxy)" is the client straight at an origin: the part of every row that is not the proxy's.`,
      ...late.map(
        ([peer]) =>
          `The client itself was late by more than ${TOO_LATE_US} us at its p99 while measuring ` +
          `${peer.name}: the machine was too busy for this figure.`,
      ),
    ],
    raw: Object.fromEntries([...results].map(([peer, runs]) => [peer.name, runs])),
  };
}
