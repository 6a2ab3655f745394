/**
 * Several proxies measured in turn, round after round, so that a slow minute of the machine hits
 * all of them.
 */
import type { Context } from "../figures/figure.ts";
import type { Peer, RunningPeer, Setup } from "../peers/peer.ts";
import { type LoadOptions, measureLoaded, type Sample, verifyPeer } from "./loaded.ts";

/** All samples of one contestant, one per round. */
export interface Series {
  readonly name: string;
  readonly version: string;
  readonly samples: readonly Sample[];
}

/** Starts each peer afresh in every round, checks it and loads it. A peer that fails is dropped
 * from the figure with a note; the others go on. */
export async function measureInRounds(
  context: Context,
  peers: readonly Peer[],
  setup: Omit<Setup, "originPorts">,
  load: Omit<LoadOptions, "seconds" | "warmupSeconds"> = {},
): Promise<{ series: readonly Series[]; notes: readonly string[] }> {
  const samples = new Map<Peer, Sample[]>(peers.map((peer) => [peer, []]));
  const notes: string[] = [];
  for (let round = 1; round <= context.rounds; round++) {
    for (const peer of samples.keys()) {
      context.progress(`round ${round}/${context.rounds}: ${peer.name}`);
      try {
        samples.get(peer)!.push(await measureOnce(context, peer, setup, load));
      } catch (error) {
        samples.delete(peer);
        notes.push(`${peer.name} left the comparison: ${firstLine(error)}`);
      }
    }
  }
  const series = [...samples].map(([peer, taken]) => ({
    name: peer.name,
    version: peer.version(),
    samples: taken,
  }));
  return { series, notes };
}

async function measureOnce(
  context: Context,
  peer: Peer,
  setup: Omit<Setup, "originPorts">,
  load: Omit<LoadOptions, "seconds" | "warmupSeconds">,
): Promise<Sample> {
  const { origins, seconds, warmupSeconds } = context;
  await using running = await peer.start({ ...setup, originPorts: origins.ports });
  await verifyPeer(running, origins.ports.length);
  const sample = await measureLoaded(running, { ...load, seconds, warmupSeconds });
  if (setup.accessLog) verifyLog(running, sample.requests);
  return sample;
}

/** A log that was not written would make the figure a lie: at least 100 bytes per request. */
function verifyLog(running: RunningPeer, requests: number): void {
  const bytes = running.logBytes?.() ?? 0;
  if (bytes < requests * 100) {
    throw new Error(`its access log has ${bytes} bytes for ${requests} requests`);
  }
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).slice(0, 300);
}
