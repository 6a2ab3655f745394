/**
 * Processor time per byte for answers of 1 MiB.
 */
import { measureInRounds } from "../measure/rounds.ts";
import { LARGE_BYTES } from "../origins.ts";
import { evenkeelAsItComes, haproxy, nginx } from "../peers/all.ts";
import { createNginx } from "../peers/nginx.ts";
import type { Peer } from "../peers/peer.ts";
import { costRatio, idleNotes, loadTable } from "../report/load-table.ts";
import type { Figure } from "./figure.ts";

const IN_MEMORY = "nginx, no temporary file";

/** Evenkeel against nginx with buffering on, with and without its temporary files. */
export const large: Figure = {
  name: "large",
  title: `CPU time per MiB, answers of ${LARGE_BYTES / 2 ** 20} MiB`,
  needsPeers: true,
  async run(context) {
    const inMemory = createNginx({ name: IN_MEMORY, http: "proxy_max_temp_file_size 0;" });
    // A request id more or less makes no difference to a mebibyte.
    const contestants: Peer[] = context.peers
      .filter((peer) => peer !== evenkeelAsItComes)
      .flatMap((peer) => (peer === nginx ? [nginx, inMemory] : [peer]));
    const { series, notes } = await measureInRounds(
      context,
      contestants,
      {},
      {
        path: "/large",
        connections: 16,
      },
    );
    return {
      tables: [loadTable(series, ["nginx", IN_MEMORY, haproxy.name], "cpuUsPerMiB")],
      bars: [
        {
          what: "Evenkeel vs nginx, proxy_buffering on",
          value: costRatio(series, "Evenkeel", "nginx", "cpuUsPerMiB"),
          bar: 1.5,
          aim: 1,
          unit: "x",
        },
      ],
      notes: [
        "16 connections. nginx buffers (its default) and may spill to a temporary file where the " +
          `client is slower than the origin; "${IN_MEMORY}" sets proxy_max_temp_file_size 0.`,
        ...idleNotes(series),
        ...notes,
      ],
      raw: series,
    };
  },
};
