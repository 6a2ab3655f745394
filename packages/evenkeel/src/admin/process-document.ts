/** The shape of `GET /processes`. As in the status, null stands for what is not there. */
import { formatAddress } from "../lib/address.ts";
import type { InstanceState, InstanceView } from "../processes/contract.ts";

export interface InstanceDocument {
  /** `NAME.INDEX`. */
  readonly name: string;
  readonly process: string;
  readonly index: number;
  readonly state: InstanceState;
  readonly reason: string;
  readonly since: string;
  readonly pid: number | null;
  readonly started_at: string | null;
  readonly address: string | null;
  readonly upstream: string | null;
  readonly restarts: number;
  readonly last_exit: {
    readonly code: number | null;
    readonly signal: string | null;
    readonly at: string;
  } | null;
  readonly next_start: string | null;
  /** It is older than this Evenkeel. */
  readonly adopted: boolean;
  /** It is not up, and need not be: it ended as expected and is left alone. */
  readonly done: boolean;
  /** Why it runs by other settings than it is to. */
  readonly outdated: string | null;
  /** Share of one core. */
  readonly cpu: number | null;
  readonly memory_bytes: number | null;
  readonly log: string;
  readonly error_log: string | null;
}

export interface ProcessesDocument {
  readonly processes: readonly InstanceDocument[];
}

/** One instance as it stands. */
export function instanceDocument(
  view: InstanceView,
  errorLog: string | undefined,
): InstanceDocument {
  const { lastExit } = view;
  return {
    name: view.name,
    process: view.process,
    index: view.index,
    state: view.state,
    reason: view.reason,
    since: new Date(view.sinceMs).toISOString(),
    pid: view.pid ?? null,
    started_at: iso(view.startedAtMs),
    address: view.address ? formatAddress(view.address) : null,
    upstream: view.upstream ?? null,
    restarts: view.restarts,
    last_exit: lastExit
      ? {
          code: lastExit.code ?? null,
          signal: lastExit.signal ?? null,
          at: new Date(lastExit.atMs).toISOString(),
        }
      : null,
    next_start: iso(view.nextStartAtMs),
    adopted: view.adopted,
    done: view.done,
    outdated: view.outdated ?? null,
    cpu: view.cpu === undefined ? null : Math.round(view.cpu * 1000) / 1000,
    memory_bytes: view.memoryBytes ?? null,
    log: view.logPath,
    error_log: errorLog ?? null,
  };
}

function iso(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}
