/** The real supervisord over some programs, and every change of state it tells of. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { pinnedNode } from "../../support/pinned-node.ts";
import { waitFor, within } from "../../support/wait-for.ts";

/** One change of state. */
export interface StateChange {
  readonly program: string;
  readonly state: string;
  readonly atMs: number;
}

/** Takes events as supervisord hands them out and writes a line for each. */
const LISTENER = `
import { appendFileSync } from "node:fs";
let text = "";
process.stdout.write("READY\\n");
process.stdin.setEncoding("utf8").on("data", (piece) => {
  text += piece;
  for (;;) {
    const end = text.indexOf("\\n");
    if (end < 0) return;
    const header = text.slice(0, end);
    const length = Number(/len:(\\d+)/.exec(header)[1]);
    if (text.length < end + 1 + length) return;
    const body = text.slice(end + 1, end + 1 + length);
    text = text.slice(end + 1 + length);
    const state = /eventname:PROCESS_STATE_(\\w+)/.exec(header)?.[1];
    const program = /processname:(\\S+)/.exec(body)[1];
    appendFileSync(process.argv[2], JSON.stringify({ program, state, atMs: Date.now() }) + "\\n");
    process.stdout.write("RESULT 2\\nOKREADY\\n");
  }
});
`;

/** Whether it is installed. */
export function hasSupervisord(): boolean {
  return spawnSync("supervisord", ["--version"]).status === 0;
}

/** A running supervisord; `await using` ends it and its programs. */
export class Supervisord {
  readonly dir: string;
  readonly #child: ChildProcess;

  private constructor(dir: string, child: ChildProcess) {
    this.dir = dir;
    this.#child = child;
  }

  /** Starts it over sections such as `[program:x]`; `{{dir}}` in them is its folder. */
  static async start(programs: string): Promise<Supervisord> {
    const dir = mkdtempSync(join(tmpdir(), "evenkeel-supervisord-"));
    const listener = join(dir, "listener.mjs");
    writeFileSync(listener, LISTENER);
    const socket = join(dir, "socket");
    const text = `
[supervisord]
nodaemon = true
logfile = ${join(dir, "log")}
pidfile = ${join(dir, "pid")}
childlogdir = ${dir}

[unix_http_server]
file = ${socket}

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

[supervisorctl]
serverurl = unix://${socket}

[eventlistener:trace]
command = ${pinnedNode()} ${listener} ${join(dir, "events")}
events = PROCESS_STATE
buffer_size = 1000

${programs.replaceAll("{{dir}}", dir)}`;
    writeFileSync(join(dir, "conf"), text);
    const child = spawn("supervisord", ["-c", join(dir, "conf")], { stdio: "ignore" });
    const supervisord = new Supervisord(dir, child);
    const isUp = (): boolean => supervisord.control("status", "trace") === "ok";
    await waitFor("supervisord to tell of changes", isUp, {
      withinMs: 15_000,
      everyMs: 100,
    });
    return supervisord;
  }

  /** Everything that happened, oldest first. */
  get changes(): readonly StateChange[] {
    let text: string;
    try {
      text = readFileSync(join(this.dir, "events"), "utf8");
    } catch {
      return []; // Nothing happened yet.
    }
    const lines = text.split("\n").filter((line) => line.endsWith("}"));
    return lines
      .map((line) => JSON.parse(line) as StateChange)
      .filter(({ program }) => program !== "trace");
  }

  /** A command of supervisorctl: "ok", or what it complained of. */
  control(...words: readonly string[]): string {
    const ran = spawnSync("supervisorctl", ["-c", join(this.dir, "conf"), ...words], {
      encoding: "utf8",
      timeout: 20_000,
    });
    return ran.status === 0 ? "ok" : ran.stdout + ran.stderr;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#child, "exit");
    if (this.#child.exitCode === null) {
      this.#child.kill("SIGTERM");
      await within("supervisord's end", 20_000, ended).catch(() => this.#child.kill("SIGKILL"));
    }
    rmSync(this.dir, { recursive: true, force: true });
  }
}
