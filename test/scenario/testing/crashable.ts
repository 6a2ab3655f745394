/** An Evenkeel whose threads can be made to crash from outside. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

import { type Evenkeel, startEvenkeel } from "../../support/evenkeel.ts";
import { allRunning } from "./scene.ts";

const PRELOADED = new URL("../../fixtures/crash-threads.ts", import.meta.url).href;

/** A running Evenkeel and the means to crash it. */
export interface Crashable {
  readonly evenkeel: Evenkeel;
  /** Makes a thread ("control", "proxy-0", …) throw; does not wait for the effect. */
  readonly crash: (thread: string) => void;
}

/** Starts an Evenkeel, owned by `stack`, whose threads crash on demand. `t` as in `startEvenkeel`. */
export async function startCrashable(
  config: object,
  t: TestContext | undefined,
  stack: AsyncDisposableStack,
): Promise<Crashable> {
  const folder = mkdtempSync(join(tmpdir(), "evenkeel-crash-"));
  stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "thread");
  const evenkeel = stack.use(
    await startEvenkeel({
      config,
      ...(t && { t }),
      nodeArgs: ["--import", PRELOADED],
      env: { CRASH_FILE: file },
    }),
  );
  await allRunning(evenkeel);
  return {
    evenkeel,
    crash(thread) {
      writeFileSync(file, thread);
      evenkeel.signal("SIGUSR2");
    },
  };
}
