/**
 * A program under a supervisor: whenever it ends, it is started again a moment later. The same for
 * every balancer.
 */
import { type ChildProcess, spawn } from "node:child_process";

/** A program to supervise. */
export interface SupervisedOptions {
  readonly command: readonly string[];
  readonly dir: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** The pause before a new start: what systemd waits by default. */
export const RESTART_PAUSE_MS = 100;
const LOG_CHARACTERS = 50_000;
/** Longer than any of them needs to end with a word; then it is killed. */
const END_WITHIN_MS = 1_500;

/** A program that runs until it is disposed of. It leads a process group of its own, so that its
 * workers go with it. */
export class Supervised implements AsyncDisposable {
  readonly #options: SupervisedOptions;
  #child: ChildProcess;
  #exited: Promise<void>;
  #restart: NodeJS.Timeout | undefined;
  #ending = false;
  #log = "";
  #starts = 0;

  constructor(options: SupervisedOptions) {
    this.#options = options;
    [this.#child, this.#exited] = this.#spawn();
  }

  /** The last of what it has printed. */
  get log(): string {
    return this.#log;
  }

  /** Its main process; undefined when it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** How often it was started. */
  get starts(): number {
    return this.#starts;
  }

  /** True while it runs, false between its end and the next start. */
  get runs(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Sends a signal to its main process. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** SIGKILL to all its processes. */
  kill(): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // the group has gone already
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending = true;
    clearTimeout(this.#restart);
    if (this.runs) this.signal("SIGTERM");
    const timer = setTimeout(() => this.kill(), END_WITHIN_MS);
    await this.#exited;
    clearTimeout(timer);
    // Workers that still had connections stay behind their main process.
    this.kill();
  }

  #spawn(): [ChildProcess, Promise<void>] {
    const { command, dir, env } = this.#options;
    this.#starts++;
    const child = spawn(command[0]!, command.slice(1), {
      cwd: dir,
      env: { ...process.env, NODE_TEST_CONTEXT: undefined, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    const keep = (chunk: Buffer): void => {
      this.#log = (this.#log + chunk.toString()).slice(-LOG_CHARACTERS);
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    const exited = new Promise<void>((resolve) => {
      child.once("error", (error) => {
        this.#log += error.message;
        resolve();
      });
      child.once("exit", () => resolve());
    });
    void this.#restartAfter(exited);
    return [child, exited];
  }

  async #restartAfter(exited: Promise<void>): Promise<void> {
    await exited;
    if (this.#ending) return;
    this.kill(); // workers that outlived their main process would keep the port
    this.#restart = setTimeout(() => {
      [this.#child, this.#exited] = this.#spawn();
    }, RESTART_PAUSE_MS);
  }
}
