/**
 * Processor time per request with a JSON access log in all that have one.
 */
import { measureInRounds } from "../measure/rounds.ts";
import { costRatio, idleNotes, loadTable } from "../report/load-table.ts";
import type { Figure } from "./figure.ts";

/** Evenkeel against the peers that can log. */
export const accessLog: Figure = {
  name: "access-log",
  title: "CPU time per request, JSON access log on",
  needsPeers: true,
  async run(context) {
    const logging = context.peers.filter((peer) => peer.hasAccessLog);
    const { series, notes } = await measureInRounds(context, logging, { accessLog: true });
    const value = costRatio(series, "Evenkeel", "nginx");
    return {
      tables: [loadTable(series, ["nginx", "HAProxy"])],
      bars: [{ what: "Evenkeel vs nginx, both logging", value, bar: 1.3, aim: 1, unit: "x" }],
      notes: [
        "Logs go to files. nginx writes through a 64 KiB buffer flushed every second, its cheapest " +
          "setting; HAProxy and Caddy have no buffer to set. Each log is checked to have grown by " +
          "at least 100 bytes per request.",
        ...idleNotes(series),
        ...notes,
      ],
      raw: series,
    };
  },
};
