/**
 * Evenkeel as an operator runs it: a real process, started from a file, told what to do by signals
 * and its admin address.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";

import { freePort } from "./free-port.ts";
import { pinnedNode } from "./pinned-node.ts";
import { waitFor, within } from "./wait-for.ts";

const BIN = fileURLToPath(new URL("../../packages/evenkeel/bin/evenkeel.js", import.meta.url));

/** How Evenkeel is to be started. */
export interface EvenkeelOptions {
  /** YAML text, or an object (JSON is YAML). `{{port:NAME}}` anywhere becomes a free port, the same
   * one for the same name; `{{dir}}` the folder of the configuration file. Without an `admin`
   * section one is added on `{{port:admin}}`. */
  readonly config: string | object;
  /** More files for the configuration's folder, by name; placeholders work in them too. */
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** More arguments after `run -c FILE`. */
  readonly args?: readonly string[];
  /** Goes before the command, such as `["taskset", "-c", "0"]`; it must exec, not fork, or the pid
   * is not Evenkeel's. */
  readonly wrap?: readonly string[];
  /** Arguments for Node itself. */
  readonly nodeArgs?: readonly string[];
  /** The running test: its log is printed when the test fails. */
  readonly t?: TestContext;
  /** False returns as soon as the process runs, without waiting for `/readyz`. */
  readonly waitReady?: boolean;
  readonly readyWithinMs?: number;
  /** Sent as the admin token by `admin()`. */
  readonly adminToken?: string;
}

/** How the process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Starts Evenkeel and resolves when its `/readyz` answers 200. Throws with its log when it ends
 * or does not get ready. A port taken in the meantime is tried again with other ports. */
export async function startEvenkeel(options: EvenkeelOptions): Promise<Evenkeel> {
  for (let attempt = 1; ; attempt++) {
    const evenkeel = await Evenkeel.spawn(options);
    try {
      if (options.waitReady !== false) await evenkeel.ready(options.readyWithinMs);
      return evenkeel;
    } catch (error) {
      await evenkeel[Symbol.asyncDispose]();
      if (attempt < 3 && /EADDRINUSE|address (is )?(already )?in use/i.test(evenkeel.log)) continue;
      throw error;
    }
  }
}

/** A running Evenkeel; `await using` kills it and removes its folder. */
export class Evenkeel {
  /** The folder of its configuration file. */
  readonly dir: string;
  /** Its configuration file. */
  readonly configFile: string;
  /** Resolves when the process has ended. */
  readonly exited: Promise<Exit>;
  readonly #ports: Map<string, number>;
  readonly #options: EvenkeelOptions;
  readonly #child: ChildProcess;
  #exit: Exit | undefined;
  #log = "";

  private constructor(
    dir: string,
    options: EvenkeelOptions,
    child: ChildProcess,
    ports: Map<string, number>,
  ) {
    this.dir = dir;
    this.configFile = join(dir, "evenkeel.yaml");
    this.#options = options;
    this.#ports = ports;
    this.#child = child;
    child.stdout?.on("data", (chunk: Buffer) => (this.#log += chunk.toString()));
    child.stderr?.on("data", (chunk: Buffer) => (this.#log += chunk.toString()));
    this.exited = new Promise((resolve) => {
      child.once("error", (error) => {
        this.#log += `${error.message}\n`;
        resolve((this.#exit = { code: null, signal: null }));
      });
      // "close" follows "exit" once the log is complete.
      child.once("close", (code, signal) => resolve((this.#exit = { code, signal })));
    });
    const { t } = options;
    t?.after(() => {
      // Known to Node 24, not yet to its type definitions.
      const { passed } = t as { passed?: boolean };
      if (passed !== false) return;
      process.stderr.write(`--- evenkeel's log in "${t.name}" ---\n${this.#log}---\n`);
    });
  }

  /** Starts the process only; `startEvenkeel` is what tests want. */
  static async spawn(options: EvenkeelOptions): Promise<Evenkeel> {
    const dir = mkdtempSync(join(tmpdir(), "evenkeel-test-"));
    const ports = new Map<string, number>();
    const file = join(dir, "evenkeel.yaml");
    writeFileSync(file, await render(configText(options.config), ports, dir));
    for (const [name, text] of Object.entries(options.files ?? {})) {
      writeFileSync(join(dir, name), await render(text, ports, dir), { mode: 0o600 });
    }
    const command = [
      ...(options.wrap ?? []),
      pinnedNode(),
      ...(options.nodeArgs ?? []),
      BIN,
      "run",
      "-c",
      file,
      ...(options.args ?? []),
    ];
    const child = spawn(command[0]!, command.slice(1), {
      // The test runner's own variable must not make the child believe it is a test file.
      env: { ...process.env, NODE_TEST_CONTEXT: undefined, ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    return new Evenkeel(dir, options, child, ports);
  }

  /** The process id; of the wrapped command where `wrap` was given. */
  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error(`evenkeel did not start:\n${this.#log}`);
    return pid;
  }

  /** All it has written to stdout and stderr. */
  get log(): string {
    return this.#log;
  }

  /** The log's lines that are JSON objects. */
  get logLines(): Readonly<Record<string, unknown>>[] {
    return this.#log.split("\n").flatMap((line) => {
      try {
        return line.startsWith("{") ? [JSON.parse(line) as Record<string, unknown>] : [];
      } catch {
        return []; // the last line may be half written
      }
    });
  }

  /** The port a name stands for in the configuration. */
  port(name: string): number {
    const port = this.#ports.get(name);
    if (port === undefined) throw new Error(`the configuration has no {{port:${name}}}`);
    return port;
  }

  /** `http://127.0.0.1:PORT` of a listener named by `{{port:NAME}}`. */
  url(listener: string): string {
    return `http://127.0.0.1:${this.port(listener)}`;
  }

  /** Asks the admin address; the answer's status is the caller's to judge. */
  async admin(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.#options.adminToken !== undefined) {
      headers.set("authorization", `Bearer ${this.#options.adminToken}`);
    }
    return await fetch(`${this.url("admin")}${path}`, {
      signal: AbortSignal.timeout(5_000),
      ...init,
      headers,
    });
  }

  /** Asks the admin address for JSON; throws on anything but 200. */
  async adminJson<T>(path: string): Promise<T> {
    const answer = await this.admin(path);
    if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}`);
    return (await answer.json()) as T;
  }

  /** Resolves when `/readyz` answers 200; throws with the log when it never does. */
  async ready(withinMs = 15_000): Promise<void> {
    try {
      await waitFor(
        "evenkeel to be ready",
        async () => this.#exit !== undefined || (await this.admin("/readyz")).status === 200,
        { withinMs, everyMs: 20 },
      );
    } catch (error) {
      throw new Error(`evenkeel did not get ready; its log:\n${this.#log}`, { cause: error });
    }
    if (this.#exit) {
      throw new Error(`evenkeel ended with ${JSON.stringify(this.#exit)}; its log:\n${this.#log}`);
    }
  }

  /** Replaces the configuration file by a rename, as editors and tools do; placeholders keep their
   * ports. Whether Evenkeel notices is up to `--watch` or `reload()`. Resolves with the time of
   * `performance.now()` just before the rename. */
  async rewrite(config: string | object): Promise<number> {
    const staged = `${this.configFile}.next`;
    writeFileSync(staged, await render(configText(config), this.#ports, this.dir));
    const renamedAt = performance.now();
    renameSync(staged, this.configFile);
    return renamedAt;
  }

  /** Rewrites the configuration file and sends SIGHUP; does not wait for the effect. */
  async reload(config: string | object): Promise<void> {
    await this.rewrite(config);
    this.signal("SIGHUP");
  }

  /** Resolves when the log has a match, also one from before the call. */
  async logged(pattern: RegExp, withinMs = 5_000): Promise<string> {
    return await waitFor(`${pattern} in evenkeel's log`, () => pattern.exec(this.#log)?.[0], {
      withinMs,
    });
  }

  /** Sends a signal to its process. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** SIGTERM, then waits; throws when it has not ended in time. */
  async stop(withinMs = 10_000): Promise<Exit> {
    this.signal("SIGTERM");
    return await within("stopping evenkeel", withinMs, this.exited);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#exit) {
      this.#child.kill("SIGCONT"); // a stopped process would otherwise linger
      this.#child.kill("SIGKILL");
      await this.exited;
    }
    rmSync(this.dir, { recursive: true, force: true });
  }
}

function configText(config: string | object): string {
  if (typeof config !== "string") {
    const withAdmin = "admin" in config ? config : { ...config, admin: DEFAULT_ADMIN };
    return JSON.stringify(withAdmin, undefined, 1);
  }
  if (/^admin:/m.test(config)) return config;
  return `${config}\nadmin: ${JSON.stringify(DEFAULT_ADMIN)}\n`;
}

const DEFAULT_ADMIN = { bind: "127.0.0.1:{{port:admin}}" };

/** Fills in placeholders; `{{port}}` without a name is left to the product. */
async function render(text: string, ports: Map<string, number>, dir: string): Promise<string> {
  for (const [, name] of text.matchAll(/\{\{port:([\w-]+)\}\}/g)) {
    if (!ports.has(name!)) ports.set(name!, await freePort());
  }
  return text
    .replaceAll(/\{\{port:([\w-]+)\}\}/g, (_, name: string) => String(ports.get(name)))
    .replaceAll("{{dir}}", dir);
}
