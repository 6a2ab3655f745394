/** An Evenkeel of its own, for the time of one measurement. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import type { Interrupt } from "./bench-interrupt.ts";
import type { PolicyPorts } from "./bench-policy-config.ts";
import { Failure } from "./failure.ts";

const program = fileURLToPath(new URL("../../bin/evenkeel.js", import.meta.url));
const readyWithinMs = 30_000;
const stopWithinMs = 5_000;
const longestLog = 4_000;

export interface PolicyInstance {
  /** Text of its `/metrics`. */
  metrics(): Promise<string>;
  /** Ends it and removes its folder. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Ports that are free now. */
export async function freePorts(listeners: readonly string[]): Promise<PolicyPorts> {
  const admin = await freePort();
  const ports: Record<string, number> = {};
  for (const name of listeners) ports[name] = await freePort();
  return { admin, listeners: ports };
}

/** Starts Evenkeel on a configuration and resolves when it is ready; throws a `Failure` with what it
 * said where it ends before. A second interrupt ends it at once, from its first moment on. */
export async function startPolicyInstance(
  config: string,
  ports: PolicyPorts,
  interrupt: Pick<Interrupt, "beforeEnd">,
): Promise<PolicyInstance> {
  const folder = mkdtempSync(join(tmpdir(), "evenkeel-bench-"));
  const file = join(folder, "evenkeel.yaml");
  writeFileSync(file, config, { mode: 0o600 });
  // Of a group of its own: Ctrl-C is for the bench, which ends it when it has its numbers.
  const child = spawn(process.execPath, [program, "run", "-c", file], {
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  interrupt.beforeEnd(() => void child.kill("SIGKILL"));
  let log = "";
  const listen = (chunk: Buffer): void => void (log = (log + chunk.toString()).slice(-longestLog));
  child.stdout.on("data", listen);
  child.stderr.on("data", listen);
  const instance: PolicyInstance = {
    metrics: () => ask(ports.admin, "/metrics").then(({ text }) => text),
    async [Symbol.asyncDispose]() {
      await stop(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
  if (await isReady(child, ports.admin)) return instance;
  await instance[Symbol.asyncDispose]();
  throw new Failure(1, "Evenkeel did not get ready with that policy", log.trimEnd());
}

async function isReady(child: ChildProcess, admin: number): Promise<boolean> {
  const endMs = performance.now() + readyWithinMs;
  while (performance.now() < endMs && child.exitCode === null && child.signalCode === null) {
    try {
      if ((await ask(admin, "/readyz")).status === 200) return true;
    } catch {
      // It does not listen yet.
    }
    await pause(50);
  }
  return false;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), stopWithinMs);
  await ended;
  clearTimeout(timer);
}

function ask(port: number, path: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port, path, agent: false, timeout: stopWithinMs };
    const request = httpRequest(options, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => (text += chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
      response.on("error", reject);
    });
    request.on("timeout", () => request.destroy(new Error("no answer")));
    request.on("error", reject);
    request.end();
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const listener = createServer();
    listener.once("error", reject);
    listener.listen(0, "127.0.0.1", () => {
      const { port } = listener.address() as AddressInfo;
      listener.close(() => resolve(port));
    });
  });
}
