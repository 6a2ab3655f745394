/** Runs a command of a plan: an argument vector in a process group of its own. */
import { spawn, type ChildProcess } from "node:child_process";
import type { CallOutcome, CommandOrder } from "./deps.ts";

/** What is kept of a command's output: its end, where errors stand. */
export const OUTPUT_LIMIT_BYTES = 16 * 1024;

/** Environment that every command gets beside its own. */
const inherited = ["PATH", "HOME", "LANG", "TZ", "TMPDIR"] as const;

/** What has left its group may hold the pipes open: it is not waited for longer than this. */
const LAST_WORDS_MS = 200;

/** Ends when the program has; the abort kills the whole group. Never rejects. */
export function runCommand(order: CommandOrder, signal: AbortSignal): Promise<CallOutcome> {
  const [program = "", ...words] = order.command;
  if (signal.aborted) return Promise.resolve(failed("it was not started any more", ""));
  const { promise, resolve } = Promise.withResolvers<CallOutcome>();
  const child = spawn(program, words, {
    cwd: order.cwd,
    detached: true,
    env: environment(order.env),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = keepEnd(child);
  const kill = (): void => killGroup(child);
  signal.addEventListener("abort", kill, { once: true });
  const end = (outcome: CallOutcome): void => {
    signal.removeEventListener("abort", kill);
    child.stdout?.destroy();
    child.stderr?.destroy();
    resolve(outcome);
  };
  child.once("error", (error) => end(failed(unstarted(program, error), "")));
  child.once("exit", (code, by) => {
    const how = signal.aborted
      ? "it was killed: it took too long or was called off"
      : code === null
        ? `it was ended by ${by}`
        : `it exited with ${code}`;
    const conclude = (): void => end({ ok: code === 0, text: how, output: output() });
    const late = setTimeout(conclude, LAST_WORDS_MS);
    child.once("close", () => {
      clearTimeout(late);
      conclude();
    });
  });
  return promise;
}

function failed(text: string, output: string): CallOutcome {
  return { ok: false, text, output };
}

function environment(own: Readonly<Record<string, string>>): Record<string, string> {
  const result: Record<string, string> = {};
  for (const name of inherited) {
    const value = process.env[name];
    if (value !== undefined) result[name] = value;
  }
  return { ...result, ...own };
}

/** Reads all, so that the program never blocks, and keeps the last bytes. */
function keepEnd(child: ChildProcess): () => string {
  let kept = Buffer.alloc(0);
  const keep = (piece: Buffer): void => {
    const all = Buffer.concat([kept, piece]);
    kept = Buffer.from(all.subarray(Math.max(0, all.length - OUTPUT_LIMIT_BYTES)));
  };
  child.stdout?.on("data", keep);
  child.stderr?.on("data", keep);
  return () => kept.toString("utf8").trim();
}

function unstarted(program: string, error: NodeJS.ErrnoException): string {
  if (error.code === "ENOENT") return `${program} or its folder was not found`;
  if (error.code === "EACCES") return `${program} may not be run`;
  return `${program} can't be run: ${error.message}`;
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // Nobody of the group is left, which is what was wanted.
  }
}
