/** What the scenarios over processes share: an Evenkeel that runs its origins itself. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { isAlive } from "../../../packages/evenkeel/src/processes/keeper/identity.ts";
import type { ProcessIdentity } from "../../../packages/evenkeel/src/processes/contract.ts";
import type { Evenkeel } from "../../support/evenkeel.ts";
import { pinnedNode } from "../../support/pinned-node.ts";
import { waitFor } from "../../support/wait-for.ts";
import { scene } from "./scene.ts";

const ORIGIN = fileURLToPath(new URL("../../support/origin-process.ts", import.meta.url));

/** A folder for an Evenkeel's state, with whatever still runs out of it ended by the stack. */
export function stateFolder(stack: AsyncDisposableStack): string {
  const folder = mkdtempSync(join(tmpdir(), "evenkeel-state-"));
  stack.defer(() => {
    for (const { identity } of instancesIn(folder)) {
      if (isAlive(identity)) process.kill(-identity.pid, "SIGKILL");
    }
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** One upstream whose origins are instances `app.1` and so on; each answers with its name. */
export function processScene(stateDir: string, more: object = {}, top: object = {}): object {
  return scene({
    endpoints: [],
    top: {
      state_dir: stateDir,
      shutdown: { grace: "2s" },
      workers: 1,
      processes: {
        app: {
          command: [pinnedNode(), ORIGIN, "{{port}}", "app.{{instance}}"],
          cwd: stateDir,
          instances: 3,
          upstream: "app",
          ready: "tcp",
          restart: { delays: ["100ms"], jitter: "0%", limit: "off" },
          stop: { drain: "2s", timeout: "5s" },
          ...more,
        },
      },
      ...top,
    },
  });
}

/** An instance that lives, as the journal has it. */
export interface Journaled {
  readonly instance: string;
  readonly identity: ProcessIdentity;
}

/** Everything in the journal that lives, by name. */
export function instancesIn(stateDir: string): readonly Journaled[] {
  const folder = join(stateDir, "instances");
  const found = readNames(folder).flatMap((name) => {
    const entry = readEntry(join(folder, name));
    return entry && isAlive(entry.identity) ? [entry] : [];
  });
  return found.sort((one, other) => one.instance.localeCompare(other.instance));
}

function readNames(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith(".json"));
  } catch {
    return []; // Not made yet.
  }
}

function readEntry(path: string): Journaled | undefined {
  try {
    const { order, identity } = JSON.parse(readFileSync(path, "utf8")) as {
      order: { process: string; index: number };
      identity?: ProcessIdentity;
    };
    return identity && { instance: `${order.process}.${order.index}`, identity };
  } catch {
    return undefined; // Just removed.
  }
}

/** A line of Evenkeel's log about an instance's state. */
export interface StateLine {
  readonly instance: string;
  readonly from: string;
  readonly to: string;
  readonly atMs: number;
}

/** All changes of instances' states that the log tells of. */
export function stateLines(evenkeel: Evenkeel): readonly StateLine[] {
  return evenkeel.logLines.flatMap(({ instance, from, to, timestamp }) =>
    typeof instance === "string" && typeof to === "string"
      ? [{ instance, from: String(from), to, atMs: Date.parse(String(timestamp)) }]
      : [],
  );
}

/** Resolves once the log has so many changes to a state since some time, and returns the last. */
export async function reached(
  evenkeel: Evenkeel,
  to: string,
  count: number,
  sinceMs = 0,
): Promise<StateLine> {
  return await waitFor(
    `${count} instances to be ${to}`,
    () => stateLines(evenkeel).filter((line) => line.to === to && line.atMs >= sinceMs)[count - 1],
    { withinMs: 20_000 },
  );
}
