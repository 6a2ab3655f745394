/** What a supervisor leaves for its successor: plain data that crosses threads. */
import type { ProcessSettings } from "../snapshot/process-settings.ts";
import type { InstanceView } from "./contract.ts";
import type { Machine } from "./instance-state.ts";
import type { Clock } from "./supervisor-deps.ts";

/** One instance. `leaving`: it is being stopped for good, another may have its name. */
export interface SavedInstance {
  readonly role: "current" | "leaving";
  readonly index: number;
  readonly machine: Machine;
  readonly sinceMs: number;
  readonly run: string | undefined;
  readonly port: number | undefined;
  readonly bornBy: string | undefined;
  /** Fingerprint of the settings it is started with next. */
  readonly settings: string;
  readonly startedAtMs: number | undefined;
  readonly adopted: boolean;
  readonly lastExit: InstanceView["lastExit"];
}

export interface SavedProcess {
  /** As the file had it. */
  readonly configured: ProcessSettings;
  /** As it is carried out. */
  readonly effective: ProcessSettings;
  readonly previous: ProcessSettings | undefined;
  readonly count: number;
  readonly wanted: "up" | "down";
  readonly instances: readonly SavedInstance[];
}

/** All processes, by name. */
export type SavedProcesses = ReadonlyMap<string, SavedProcess>;

interface Checkpoint {
  readonly version: 1;
  readonly processes: readonly SavedProcess[];
}

/** The form in which it is kept: times of the monotonic clock, which starts anew with each thread,
 * become those of the wall. */
export function toCheckpoint(processes: readonly SavedProcess[], clock: Clock): unknown {
  const offsetMs = clock.nowMs() - clock.monotonicMs();
  return { version: 1, processes: shifted(processes, offsetMs) } satisfies Checkpoint;
}

/** What was saved; nothing where it is of another version, or was never written. The host only ever
 * returns what a supervisor gave it, so what is in it is believed. */
export function fromCheckpoint(saved: unknown, clock: Clock): SavedProcesses {
  const { version, processes } = (saved ?? {}) as Partial<Checkpoint>;
  if (version !== 1 || !processes) return new Map();
  const back = shifted(processes, clock.monotonicMs() - clock.nowMs());
  return new Map(back.map((process) => [process.configured.name, process]));
}

function shifted(processes: readonly SavedProcess[], byMs: number): SavedProcess[] {
  return processes.map((process) => ({
    ...process,
    instances: process.instances.map((instance) => ({
      ...instance,
      machine: shiftedMachine(instance.machine, byMs),
    })),
  }));
}

function shiftedMachine(machine: Machine, byMs: number): Machine {
  const { dueAtMs, readyAtMs, memory } = machine;
  return {
    ...machine,
    dueAtMs: dueAtMs === undefined ? undefined : dueAtMs + byMs,
    readyAtMs: readyAtMs === undefined ? undefined : readyAtMs + byMs,
    memory: { ...memory, recent: memory.recent.map((atMs) => atMs + byMs) },
  };
}
