/** A check that runs a command: exit code 0 passes. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { ProbeSettings } from "../../snapshot/desired.ts";
import { codeOf, finishWithError } from "./connection-error.ts";
import { type Finish, withDeadline } from "./deadline.ts";
import type { Probe, ProbeRequest } from "./probe.ts";

/** What is kept of a command's output; the rest is read and thrown away. */
export const OUTPUT_LIMIT_BYTES = 4 * 1024;
const DETAIL_LENGTH = 200;
const LAST_WORDS_MS = 100;
/** A process that the kernel can't end now (stuck in a device) is not waited for longer. */
const END_WITHIN_MS = 1000;

type CommandSettings = Extract<ProbeSettings, { protocol: "command" }>;

/** Runs the command in a process group of its own with `PATH`, `HOST` and `PORT` as all of its
 * environment. Whatever of the group is left when the check ends is killed. */
export const commandProbe: Probe<CommandSettings> = (asked, signal) =>
  withDeadline(asked.timeoutMs, signal, (finish) => {
    const child = start(asked);
    const output = collect(child);
    child.on("error", (error) => finishUnstarted(finish, asked, error));
    let lastWords: NodeJS.Timeout | undefined;
    child.on("exit", (code, by) => {
      killGroup(child);
      const conclude = (): void => judge(finish, code, by, output());
      // All it wrote is there when its pipes close; what fled its group may keep them open.
      child.on("close", conclude);
      lastWords = setTimeout(conclude, LAST_WORDS_MS);
    });
    return async () => {
      clearTimeout(lastWords);
      await end(child);
    };
  });

function start({ settings, host, port }: ProbeRequest<CommandSettings>): ChildProcess {
  const fill = (part: string): string =>
    part.replaceAll("{{host}}", host).replaceAll("{{port}}", String(port));
  const [program = "", ...args] = settings.command.map(fill);
  return spawn(program, args, {
    detached: true,
    env: { PATH: process.env["PATH"], HOST: host, PORT: String(port) },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** Reads both outputs to their end, so that the command never blocks, and keeps the first bytes. */
function collect(child: ChildProcess): () => string {
  const pieces: Buffer[] = [];
  let left = OUTPUT_LIMIT_BYTES;
  const keep = (piece: Buffer): void => {
    if (left <= 0) return;
    const kept = piece.subarray(0, left);
    left -= kept.length;
    pieces.push(Buffer.from(kept));
  };
  child.stdout?.on("data", keep);
  child.stderr?.on("data", keep);
  return () => Buffer.concat(pieces).toString();
}

function judge(
  finish: Finish,
  code: number | null,
  by: NodeJS.Signals | null,
  output: string,
): void {
  const end = code === null ? `was ended by ${by}` : `exited with ${code}`;
  const said = firstLine(output);
  finish(code === 0 ? "passed" : "failed", `the command ${end}${said ? `: ${said}` : ""}`);
}

/** The first line that says something, without control characters. */
function firstLine(output: string): string {
  const line = output.split("\n").find((text) => text.trim() !== "") ?? "";
  const plain = line.replaceAll(/\p{Cc}+/gu, " ").trim();
  return plain.length > DETAIL_LENGTH ? `${plain.slice(0, DETAIL_LENGTH)}…` : plain;
}

function finishUnstarted(
  finish: Finish,
  { settings }: ProbeRequest<CommandSettings>,
  error: Error,
): void {
  const program = settings.command[0] ?? "";
  const code = codeOf(error);
  if (code === "ENOENT") finish("failed", `the command ${program} was not found`);
  else if (code === "EACCES") finish("failed", `the command ${program} may not be run`);
  else finishWithError(finish, error);
}

async function end(child: ChildProcess): Promise<void> {
  killGroup(child);
  child.stdout?.destroy();
  child.stderr?.destroy();
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), END_WITHIN_MS);
  await once(child, "exit", { signal: patience.signal }).catch(() => {
    // Out of patience: it was sent the signal, more cannot be done.
  });
  clearTimeout(timer);
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // Nobody of the group is left, which is what was wanted.
  }
}
