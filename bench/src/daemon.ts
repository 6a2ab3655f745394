/**
 * A program in the foreground with a folder of its own, known to listen, stopped by its pid.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { waitFor } from "../../test/support/wait-for.ts";

/** A program to start. */
export interface DaemonOptions {
  readonly name: string;
  readonly command: readonly string[];
  /** Started when this port of 127.0.0.1 accepts. */
  readonly port: number;
  /** Removed when it stops; see `temporaryFolder`. */
  readonly dir: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A running program; `await using` ends it and removes its folder. */
export interface Daemon extends AsyncDisposable {
  readonly pid: number;
  /** What it has printed. */
  log(): string;
}

/** A new folder for one program's files, readable for daemons that give up root. */
export function temporaryFolder(name: string): string {
  return mkdtempSync(join(tmpdir(), `evenkeel-bench-${name}-`));
}

/** Starts the program and resolves when it accepts connections; throws with its output if not. */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { name, command, port, dir } = options;
  const child = spawn(command[0]!, command.slice(1), {
    cwd: dir,
    env: { ...process.env, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const keep = (chunk: Buffer): void => {
    if (output.length < 100_000) output += chunk.toString();
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const exited = new Promise<void>((resolve) => {
    child.once("error", (error) => {
      output += error.message;
      resolve();
    });
    child.once("exit", () => resolve());
  });
  const daemon: Daemon = {
    pid: child.pid ?? -1,
    log: () => output,
    async [Symbol.asyncDispose]() {
      await end(child, exited);
      rmSync(dir, { recursive: true, force: true });
    },
  };
  try {
    await waitFor(`${name} to listen`, () => child.exitCode !== null || accepts(port), {
      withinMs: 10_000,
    });
    if (child.exitCode !== null) throw new Error(`${name} ended at start`);
    return daemon;
  } catch (error) {
    await daemon[Symbol.asyncDispose]();
    throw new Error(`${name} did not start: ${output}`, { cause: error });
  }
}

/** SIGTERM first, SIGKILL for what has not ended two seconds later. */
async function end(child: ChildProcess, exited: Promise<void>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), 2_000);
  await exited;
  clearTimeout(timer);
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
