/** The quick start's instances: child processes that come back after a while when they die. */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

export interface DemoInstance {
  readonly name: string;
  readonly port: number;
  readonly pid: number;
}

export interface DemoInstances {
  readonly list: () => readonly DemoInstance[];
  /** Ends them all. */
  stop(): void;
}

const BACK_AFTER_MS = 3000;

/** Starts one instance per name on a free port of loopback. `died` and `back` tell of changes. */
export async function startDemoInstances(
  names: readonly string[],
  died: (instance: DemoInstance, backAfterMs: number) => void,
  back: (instance: DemoInstance) => void,
): Promise<DemoInstances> {
  const children = new Map<string, ChildProcess>();
  const instances = new Map<string, DemoInstance>();
  const timers = new Set<NodeJS.Timeout>();
  let stopping = false;

  const launch = async (name: string, port: number): Promise<void> => {
    // Of a group of its own: Ctrl-C ends the balancer first, which finishes what is in flight.
    const child = fork(entry(), [name, String(port)], { stdio: "ignore", detached: true });
    children.set(name, child);
    const [ready] = (await once(child, "message")) as [{ port: number }];
    const instance = { name, port: ready.port, pid: child.pid ?? 0 };
    instances.set(name, instance);
    child.once("exit", () => {
      if (stopping) return;
      died(instance, BACK_AFTER_MS);
      const timer = setTimeout(() => {
        timers.delete(timer);
        void relaunch(instance);
      }, BACK_AFTER_MS);
      timers.add(timer);
    });
  };
  const relaunch = async ({ name, port }: DemoInstance): Promise<void> => {
    await launch(name, port);
    back(instances.get(name)!);
  };

  await Promise.all(names.map((name) => launch(name, 0)));
  return {
    list: () => names.map((name) => instances.get(name)!),
    stop() {
      stopping = true;
      for (const timer of timers) clearTimeout(timer);
      for (const child of children.values()) child.kill("SIGKILL");
    },
  };
}

/** With the extension of this very file, in the checkout and published alike. */
function entry(): string {
  const extension = import.meta.filename.endsWith(".ts") ? "ts" : "js";
  return fileURLToPath(new URL(`./demo-instance.${extension}`, import.meta.url));
}
