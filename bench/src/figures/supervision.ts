/**
 * What it costs to look after processes, and how soon the end of one is known and mended.
 */
import { setTimeout as pause } from "node:timers/promises";

import { isAlive } from "../../../packages/evenkeel/src/processes/keeper/identity.ts";
import {
  instancesIn,
  processScene,
  stateFolder,
  stateLines,
} from "../../../test/scenario/testing/processes.ts";
import { type Evenkeel, startEvenkeel } from "../../../test/support/evenkeel.ts";
import { waitFor } from "../../../test/support/wait-for.ts";
import { cpuTimeBetween, cpuTimeOf } from "../measure/process-time.ts";
import { median } from "../measure/statistics.ts";
import { fixed } from "../report/numbers.ts";
import type { Context, Figure } from "./figure.ts";

const PROCESSES = 200;
const KILLS_PER_ROUND = 6;
const FIRST_DELAY_MS = 100;
/** The kernel counts time in steps of 10 ms: 1 % of a core must be many of them. */
const LEAST_SECONDS = 10;

interface Shares {
  readonly none: number[];
  readonly started: number[];
  readonly adopted: number[];
}

interface Exits {
  readonly outMs: number[];
  readonly restartMs: number[];
}

/** Share of a core with 200 idle processes over that with none, and times from exit to repair. */
export const supervision: Figure = {
  name: "supervision",
  title: `Supervision of ${PROCESSES} processes, and of one that is killed`,
  needsPeers: false,
  async run(context) {
    const shares: Shares = { none: [], started: [], adopted: [] };
    const exits: Exits = { outMs: [], restartMs: [] };
    for (let round = 1; round <= Math.min(3, context.rounds); round++) {
      context.progress(`round ${round}: ${PROCESSES} idle processes`);
      await measureShares(context, shares);
      context.progress(`round ${round}: killed instances`);
      await measureExits(exits);
    }
    const over = (taken: number[]): number => median(taken) - median(shares.none);
    return {
      tables: [
        {
          title: `Share of a core, ${PROCESSES} idle processes`,
          columns: ["", "median %", "largest %"],
          rows: [
            ["no process", ...percentages(shares.none)],
            ["its own children", ...percentages(shares.started)],
            ["adopted from an Evenkeel that was killed", ...percentages(shares.adopted)],
          ],
        },
        {
          title: "After an instance was killed",
          columns: ["until", "kills", "median ms", "largest ms"],
          rows: [
            ["it is out of rotation", ...times(exits.outMs)],
            ["its restart, beyond the first delay", ...times(exits.restartMs)],
          ],
        },
      ],
      bars: [
        {
          what: `${PROCESSES} processes over none`,
          value: over(shares.started),
          bar: 1,
          unit: " %",
        },
        {
          what: `${PROCESSES} adopted processes over none`,
          value: over(shares.adopted),
          bar: 1,
          unit: " %",
        },
        { what: "exit to out of rotation", value: median(exits.outMs), bar: 10, unit: " ms" },
        {
          what: "exit to restart, beyond the first delay",
          value: median(exits.restartMs),
          bar: 100,
          unit: " ms",
        },
      ],
      notes: [
        "The time of an exit is when the kernel shows the process as dead; the rest are the times " +
          "of Evenkeel's log, written when the change is in force. Shares are user and system time " +
          "of the whole process, threads and all, while nothing else is asked of it.",
      ],
      raw: { shares, exits },
    };
  },
};

function percentages(taken: readonly number[]): string[] {
  return [fixed(median(taken), 2), fixed(Math.max(...taken), 2)];
}

function times(taken: readonly number[]): string[] {
  return [String(taken.length), fixed(median(taken), 0), fixed(Math.max(...taken), 0)];
}

async function measureShares(context: Context, shares: Shares): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const folder = stateFolder(stack);
  const seconds = Math.max(LEAST_SECONDS, context.seconds);
  const config = (instances: number): object =>
    processScene(folder, {
      command: ["/bin/sleep", "100000"],
      upstream: undefined,
      ready: { uptime: "1s" },
      instances,
    });
  const started = async (instances: number): Promise<Evenkeel> => {
    const evenkeel = await startEvenkeel({ config: config(instances) });
    await waitFor("all processes", () => instancesIn(folder).length === instances, {
      withinMs: 60_000,
    });
    await pause(3_000); // All are up, and the engine is done with compiling.
    return evenkeel;
  };
  {
    await using idle = await started(0);
    shares.none.push(await shareOf(idle, seconds));
  }
  {
    await using first = await started(PROCESSES);
    shares.started.push(await shareOf(first, seconds));
  }
  await using second = await started(PROCESSES);
  shares.adopted.push(await shareOf(second, seconds));
}

/** Percent of one core. */
async function shareOf(evenkeel: Evenkeel, seconds: number): Promise<number> {
  const before = cpuTimeOf([evenkeel.pid]);
  const begun = performance.now();
  await pause(seconds * 1_000);
  const { userUs, systemUs } = cpuTimeBetween(before, cpuTimeOf([evenkeel.pid]));
  return (userUs + systemUs) / 10 / (performance.now() - begun);
}

async function measureExits(exits: Exits): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const folder = stateFolder(stack);
  await using evenkeel = await startEvenkeel({ config: processScene(folder) });
  const allReady = async (sinceMs: number, count: number): Promise<void> => {
    const ready = (): number =>
      stateLines(evenkeel).filter(({ to, atMs }) => to === "READY" && atMs >= sinceMs).length;
    await waitFor("instances to be ready", () => ready() >= count, { withinMs: 20_000 });
    await pause(300); // The new one's own start is over.
  };
  await allReady(0, 3);
  for (let kill = 0; kill < KILLS_PER_ROUND; kill++) {
    const { instance, identity } = instancesIn(folder)[kill % 3]!;
    const killedAtMs = Date.now();
    process.kill(identity.pid, "SIGKILL");
    while (isAlive(identity)); // The kernel takes its time, which is not Evenkeel's.
    const endedAtMs = Date.now();
    await allReady(killedAtMs, 1);
    const lines = stateLines(evenkeel).filter(
      (line) => line.instance === instance && line.atMs >= killedAtMs,
    );
    const restarted = lines.find(({ to }) => to === "STARTING");
    if (!lines[0] || !restarted) throw new Error(`${instance} was not started again`);
    exits.outMs.push(lines[0].atMs - endedAtMs);
    exits.restartMs.push(restarted.atMs - endedAtMs - FIRST_DELAY_MS);
  }
}
