/**
 * Origins as processes of their own, to be killed, stopped and started again on the same port.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

import { freePort } from "./free-port.ts";
import { pinnedNode } from "./pinned-node.ts";
import { within } from "./wait-for.ts";

const PROGRAM = fileURLToPath(new URL("origin-process.ts", import.meta.url));

/** How an origin process behaves. */
export interface OriginProcessOptions {
  /** Answered as `X-Origin` and in the body. */
  readonly name?: string;
  readonly port?: number;
  /** Time each answer takes. */
  readonly delayMs?: number;
}

/** Starts an origin as a child process and resolves when it listens. */
export async function startOriginProcess(
  options: OriginProcessOptions = {},
): Promise<OriginProcess> {
  const origin = new OriginProcess(options, options.port ?? (await freePort()));
  await origin.start();
  return origin;
}

/** An origin process: answers every request with 200, its name and `/slow?ms=N` late. SIGTERM makes
 * it finish what is in flight and exit. `await using` kills it. */
export class OriginProcess {
  readonly name: string;
  readonly port: number;
  readonly #delayMs: number;
  #child: ChildProcess | undefined;
  #exited: Promise<void> = Promise.resolve();

  constructor(options: OriginProcessOptions, port: number) {
    this.name = options.name ?? `origin-${port}`;
    this.port = port;
    this.#delayMs = options.delayMs ?? 0;
  }

  /** `127.0.0.1:PORT`, as configuration wants it. */
  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** The process id; throws when it does not run. */
  get pid(): number {
    const pid = this.#child?.pid;
    if (pid === undefined) throw new Error(`${this.name} does not run`);
    return pid;
  }

  /** Starts (again), always on the same port. */
  async start(): Promise<void> {
    if (this.#child) throw new Error(`${this.name} runs already`);
    const child = spawn(
      pinnedNode(),
      [PROGRAM, String(this.port), this.name, String(this.#delayMs)],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    this.#child = child;
    this.#exited = new Promise((resolve) => {
      child.once("exit", () => {
        this.#child = undefined;
        resolve();
      });
    });
    const listening = new Promise<void>((resolve, reject) => {
      child.stdout?.once("data", () => resolve());
      child.once("exit", (code) => reject(new Error(`${this.name} ended with ${code} at start`)));
    });
    await within(`${this.name} to listen`, 10_000, listening);
  }

  /** SIGKILL; resolves when the process is gone. */
  async kill(): Promise<void> {
    this.#child?.kill("SIGKILL");
    await this.#exited;
  }

  /** SIGTERM; resolves when it has finished its requests and is gone. */
  async stop(): Promise<void> {
    this.#child?.kill("SIGTERM");
    await within(`${this.name} to stop`, 10_000, this.#exited);
  }

  /** SIGSTOP: connections are still accepted by the kernel, nothing is answered. */
  freeze(): void {
    this.#child?.kill("SIGSTOP");
  }

  /** SIGCONT. */
  thaw(): void {
    this.#child?.kill("SIGCONT");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}
