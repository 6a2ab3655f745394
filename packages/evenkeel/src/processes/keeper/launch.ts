/** Starts one child so that it needs nobody: its own session, its outputs straight into files. */
import { spawn, type ChildProcess, type StdioOptions } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import type { LaunchOrder } from "../contract.ts";
import { explainFailure, findProgram } from "./launch-failure.ts";

/** The descriptor on which a child says that it is ready. */
export const READY_FD = 3;

const UMASK_SCRIPT = 'umask "$1"; shift; exec "$@"';

/** Starts what the order says. The child is alive when this returns it; one that can't be started is
 * told of through `failed`, in plain words, at once or a moment later. Its word that it is ready goes
 * into the file `readyPath`: unlike a pipe, it is still there for whoever comes after a crash, and no
 * child is killed for writing to nobody. */
export function launch(
  order: LaunchOrder,
  readyPath: string,
  failed: (reason: string) => void,
): ChildProcess | undefined {
  const opened: number[] = [];
  const open = (path: string, mode: number): number => {
    mkdirSync(dirname(path), { recursive: true, mode: 0o750 });
    const file = openSync(path, "a", mode);
    opened.push(file);
    return file;
  };
  try {
    if (order.umask !== undefined) findProgram(order);
    const stdout = open(order.stdoutPath, 0o640);
    const stderr = order.stderrPath === order.stdoutPath ? stdout : open(order.stderrPath, 0o640);
    const stdio: StdioOptions = ["ignore", stdout, stderr];
    if (order.notify) stdio.push(open(readyPath, 0o600));
    return start(order, stdio, failed);
  } catch (error) {
    failed(explainFailure(order, error as NodeJS.ErrnoException));
    return undefined;
  } finally {
    for (const file of opened) closeSync(file);
  }
}

function start(
  order: LaunchOrder,
  stdio: StdioOptions,
  failed: (reason: string) => void,
): ChildProcess | undefined {
  const [program, ...rest] = withUmask(order);
  const child = spawn(program!, rest, {
    cwd: order.cwd,
    env: {
      ...order.env,
      EVENKEEL_INSTANCE_RUN: order.run,
      ...(order.notify ? { EVENKEEL_READY_FD: String(READY_FD) } : {}),
    },
    stdio,
    detached: true,
    ...order.user,
  });
  let isStarted = child.pid !== undefined;
  child.on("error", (error) => {
    if (isStarted) return; // A signal that did not arrive: who sent it has been told.
    isStarted = true;
    failed(explainFailure(order, error));
  });
  if (!isStarted) return undefined;
  child.unref();
  return child;
}

/** A shell is the only portable way to a umask of one's own; it becomes the program. */
function withUmask({ command, umask }: LaunchOrder): readonly string[] {
  if (umask === undefined) return command;
  return ["/bin/sh", "-c", UMASK_SCRIPT, "sh", umask.toString(8).padStart(4, "0"), ...command];
}
