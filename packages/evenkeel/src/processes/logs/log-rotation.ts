/** Rotates the logs of instances by size and by time. */
import { statSync } from "node:fs";
import { rm, stat, truncate } from "node:fs/promises";
import type { ProcessLogSettings } from "../../snapshot/process-settings.ts";
import { explainError } from "../explain-error.ts";
import { copyTruncate } from "./copy-truncate.ts";
import { gzipFile } from "./gzip-file.ts";
import { makeRoom, rotatedFiles } from "./rotated-files.ts";

/** One log and how it is rotated. */
export interface RotatedLog {
  readonly path: string;
  readonly settings: Pick<ProcessLogSettings, "rotateBytes" | "rotateEveryMs" | "keep" | "gzip">;
}

export interface LogRotationDeps {
  /** Those in use now, asked for at each look. */
  readonly logs: () => readonly RotatedLog[];
  /** In plain words, once until it works again. */
  readonly problem: (path: string, problem: string) => void;
  readonly rotated: (path: string, bytes: number) => void;
  readonly nowMs: () => number;
}

export interface LogRotation {
  /** Rotates what is due; resolves when that is done. Calls meanwhile join in; call it about once a
   * second. Never rejects. */
  look(): Promise<void>;
}

/** After a failure (a full disk, mostly) the same log is left alone for this long. */
const RETRY_MS = 30_000;

interface Memory {
  /** Undefined until it was looked up. */
  rotatedAtMs: number | undefined;
  retryAtMs: number;
  failed: boolean;
}

/** A rotation that keeps no file open and forgets logs that are no longer in use. */
export function createLogRotation(deps: LogRotationDeps): LogRotation {
  const memories = new Map<string, Memory>();
  let looking: Promise<void> | undefined;

  const lookAt = async (log: RotatedLog, memory: Memory): Promise<void> => {
    const nowMs = deps.nowMs();
    const { path, settings } = log;
    if (nowMs < memory.retryAtMs || (settings.rotateBytes === 0 && settings.rotateEveryMs === 0)) {
      return;
    }
    try {
      // Asked for each log every second: 2 us this way, ten times that by way of a promise.
      const facts = statSync(path, { throwIfNoEntry: false });
      if (!facts || facts.size === 0) return;
      if (settings.rotateEveryMs > 0) {
        memory.rotatedAtMs ??= (await lastRotation(path)) ?? (facts.birthtimeMs || nowMs);
      }
      const sinceMs = nowMs - (memory.rotatedAtMs ?? nowMs);
      if (!isDue(settings, facts.size, sinceMs)) return;
      const bytes = await rotate(log);
      Object.assign(memory, { rotatedAtMs: nowMs, failed: false });
      deps.rotated(path, bytes);
      if (settings.gzip && settings.keep > 0) await gzipFile(`${path}.1`);
    } catch (error) {
      if (!memory.failed) deps.problem(path, explainError(error));
      Object.assign(memory, { retryAtMs: nowMs + RETRY_MS, failed: true });
    }
  };

  const lookAtAll = async (): Promise<void> => {
    const logs = deps.logs();
    const paths = new Set(logs.map(({ path }) => path));
    for (const path of memories.keys()) if (!paths.has(path)) memories.delete(path);
    for (const log of logs) {
      const memory = memories.get(log.path) ?? {
        rotatedAtMs: undefined,
        retryAtMs: 0,
        failed: false,
      };
      memories.set(log.path, memory);
      await lookAt(log, memory);
    }
  };

  return {
    look() {
      looking ??= lookAtAll().finally(() => (looking = undefined));
      return looking;
    },
  };
}

/** Whether a log of this size (above 0), this long after its last rotation, is due. */
export function isDue(
  { rotateBytes, rotateEveryMs }: Pick<ProcessLogSettings, "rotateBytes" | "rotateEveryMs">,
  sizeBytes: number,
  sinceMs: number,
): boolean {
  if (rotateBytes > 0 && sizeBytes >= rotateBytes) return true;
  return rotateEveryMs > 0 && sinceMs >= rotateEveryMs;
}

async function rotate({ path, settings }: RotatedLog): Promise<number> {
  if (settings.keep === 0) {
    const { size } = await stat(path);
    await makeRoom(path, 0);
    await truncate(path, 0);
    return size;
  }
  // Left by a crash: the log itself has all of it.
  await rm(`${path}.1.gz.next`, { force: true });
  return await copyTruncate({
    path,
    to: `${path}.1`,
    beforeLast: () => makeRoom(path, settings.keep),
  });
}

async function lastRotation(path: string): Promise<number | undefined> {
  const newest = (await rotatedFiles(path))[0];
  return newest && (await stat(newest.path)).mtimeMs;
}
