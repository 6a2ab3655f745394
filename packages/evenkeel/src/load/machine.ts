/** What a run was measured on. */
import { cpus, hostname, release, totalmem, type } from "node:os";

export interface Machine {
  readonly name: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memory_gib: number;
  readonly system: string;
  readonly node: string;
}

/** Looks at the machine this runs on. */
export function describeMachine(): Machine {
  const processors = cpus();
  return {
    name: hostname(),
    cpu: processors[0]?.model.trim() || "unknown",
    cores: processors.length,
    memory_gib: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.versions.node,
  };
}
