/**
 * Memory for 10,000 idle kept client connections.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { pinnedNode } from "../../../test/support/pinned-node.ts";
import { within } from "../../../test/support/wait-for.ts";
import { pinLoad } from "../measure/machine.ts";
import { residentBytesOf } from "../measure/process-time.ts";
import { median } from "../measure/statistics.ts";
import { runWrk } from "../measure/wrk.ts";
import { evenkeelAsItComes } from "../peers/all.ts";
import type { Peer } from "../peers/peer.ts";
import { fixed } from "../report/numbers.ts";
import type { Context, Figure } from "./figure.ts";

const CONNECTIONS = 10_000;
const PROGRAM = fileURLToPath(new URL("../load/idle-holder.ts", import.meta.url));
const MIB = 2 ** 20;

interface MemorySample {
  readonly idleMiB: number;
  readonly heldMiB: number;
}

/** Resident memory with 10,000 idle connections over that with none, after the same warm-up. */
export const idleMemory: Figure = {
  name: "idle-memory",
  title: `Memory for ${CONNECTIONS.toLocaleString("en-US")} idle client connections`,
  needsPeers: true,
  async run(context) {
    const samples = new Map<string, MemorySample[]>();
    const notes: string[] = [];
    const peers = context.peers.filter((peer) => peer !== evenkeelAsItComes);
    for (let round = 1; round <= Math.min(3, context.rounds); round++) {
      for (const peer of peers) {
        context.progress(`round ${round}: ${peer.name}`);
        try {
          const taken = samples.get(peer.name) ?? [];
          taken.push(await measureOnce(context, peer));
          samples.set(peer.name, taken);
        } catch (error) {
          notes.push(`${peer.name}: ${error instanceof Error ? error.message : String(error)}`);
        }
      }
    }
    const extra = (name: string): number | undefined => {
      const taken = samples.get(name);
      return taken && median(taken.map(({ idleMiB, heldMiB }) => heldMiB - idleMiB));
    };
    return {
      tables: [
        {
          columns: [
            "proxy",
            "idle MiB",
            "with connections MiB",
            "difference MiB",
            "KiB/connection",
          ],
          rows: [...samples].map(([name, taken]) => [
            name,
            fixed(median(taken.map(({ idleMiB }) => idleMiB)), 1),
            fixed(median(taken.map(({ heldMiB }) => heldMiB)), 1),
            fixed(extra(name), 1),
            fixed(((extra(name) ?? 0) * 1_024) / CONNECTIONS, 2),
          ]),
        },
      ],
      bars: [
        {
          what: `Evenkeel, ${CONNECTIONS.toLocaleString("en-US")} idle connections over none`,
          value: extra("Evenkeel"),
          bar: 120,
          aim: 60,
          unit: " MiB",
        },
      ],
      notes: [
        "Resident memory of the serving process. Each connection has had one answer. nginx and " +
          "HAProxy set aside their connection tables at start, so part of theirs is in the idle column.",
        ...notes,
      ],
      raw: Object.fromEntries(samples),
    };
  },
};

async function measureOnce(context: Context, peer: Peer): Promise<MemorySample> {
  await using running = await peer.start({ originPorts: context.origins.ports });
  // What a working proxy has allocated anyway (code, pools, a grown heap) is not the connections'.
  await runWrk({ url: `http://127.0.0.1:${running.port}/`, seconds: context.warmupSeconds });
  await pause(1_000);
  const idleMiB = residentBytesOf(running.pids()) / MIB;
  const command = [...pinLoad(), pinnedNode(), PROGRAM, String(running.port), String(CONNECTIONS)];
  const holder = spawn(command[0]!, command.slice(1), { stdio: ["pipe", "pipe", "inherit"] });
  try {
    await within("opening the connections", 60_000, once(holder.stdout, "data"));
    await pause(2_000);
    const heldMiB = residentBytesOf(running.pids()) / MIB;
    holder.stdin.write("\n");
    const [told] = (await within("counting", 5_000, once(holder.stdout, "data"))) as [Buffer];
    const stillOpen = Number(told.toString());
    if (stillOpen !== CONNECTIONS) throw new Error(`only ${stillOpen} connections stayed open`);
    return { idleMiB, heldMiB };
  } finally {
    holder.kill("SIGKILL");
  }
}
