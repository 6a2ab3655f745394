/** Orders for tests: small programs in a folder that is removed afterwards. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { LaunchOrder } from "../../contract.ts";

/** A folder of one test. */
export function tempFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "evenkeel-keeper-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs a shell script; logs to `RUN.log` in the folder. */
export function scriptOrder(
  folder: string,
  run: string,
  script: string,
  more: Partial<LaunchOrder> = {},
): LaunchOrder {
  const path = join(folder, `${run}.log`);
  return {
    run,
    process: "app",
    index: 1,
    command: ["/bin/sh", "-c", script],
    cwd: folder,
    env: { PATH: "/usr/bin:/bin" },
    user: undefined,
    umask: undefined,
    stdoutPath: path,
    stderrPath: path,
    notify: false,
    port: undefined,
    fingerprint: "f",
    ...more,
  };
}
